using System.Diagnostics;

namespace LocalDapr.Protocol.Tests.Interop;

/// <summary>Starts peer.py where a Python with the grpc package is to be had; tests skip elsewhere.</summary>
internal static class Python
{
    private static readonly Lazy<string?> Found = new(() => new[] { "/usr/bin/python3", "python3" }.FirstOrDefault(HasGrpc));

    public static Process Start(params string[] arguments)
    {
        Assert.SkipWhen(Found.Value is null, "No Python with the package grpc (apt-get install python3-grpcio).");
        return Run(Found.Value!, [Path.Combine(AppContext.BaseDirectory, "Interop", "peer.py"), .. arguments]);
    }

    private static bool HasGrpc(string python)
    {
        try
        {
            using var process = Run(python, ["-c", "import grpc"]);
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static Process Run(string python, string[] arguments) => Process.Start(new ProcessStartInfo(python, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
