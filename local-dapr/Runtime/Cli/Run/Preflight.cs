using System.Net;
using System.Net.Sockets;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Cli.Run;

/// <summary>Finds every mistake that can be found before the first process starts.</summary>
internal static class Preflight
{
    public static void Check(RunFile file, Backends backends)
    {
        foreach (var app in file.Apps)
        {
            var resources = ResourceSet.Load(app.ResourcesPaths, app.AppId, strict: true, static _ => { });
            foreach (var component in resources.Components)
                ComponentTypes.Check(component, backends);
            if (app.ConfigFile is { } config)
                DaprConfiguration.Load([config]);
            if (app.Command is [var program, ..] && FindProgram(program, app.Folder) is null)
                throw new ResourceException(app.Source.File, app.Source.Line, $"the command `{program}` of {app.AppId} cannot be found", "Install it or correct `command`.");
        }
    }

    /// <summary>Every fixed port must be free, and wanted once; an app without a command is started by somebody else, and may be there already.</summary>
    public static void CheckPorts(RunFile file)
    {
        var wanted = new Dictionary<int, string>();
        foreach (var app in file.Apps)
        {
            foreach (var (key, port) in new[] { ("appPort", app.AppPort), ("daprHTTPPort", app.HttpPort), ("daprGRPCPort", app.GrpcPort) })
            {
                if (port == 0 || (key == "appPort" && app.Command.Count == 0))
                    continue;
                if (!wanted.TryAdd(port, $"{key} of {app.AppId}"))
                    throw new ResourceException(app.Source.File, app.Source.Line, $"port {port} ({key} of {app.AppId}) is also {wanted[port]}", "Give each its own port.");
                if (!IsFree(port))
                    throw new ResourceException(app.Source.File, app.Source.Line, $"port {port} ({key} of {app.AppId}) is in use{PortHolder.Describe(port)}", "Stop that process or choose another port.");
            }
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        // Without it a port in TIME_WAIT, left by the run before, would look taken.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, !OperatingSystem.IsWindows());
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string? FindProgram(string program, string folder)
    {
        if (program.Contains('/', StringComparison.Ordinal) || program.Contains('\\', StringComparison.Ordinal))
            return File.Exists(Path.GetFullPath(program, folder)) ? program : null;
        var extensions = OperatingSystem.IsWindows() ? new[] { "", ".exe", ".cmd", ".bat" } : [""];
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(p => extensions.Select(e => Path.Combine(p, program + e)))
            .FirstOrDefault(File.Exists);
    }
}
