using System.Diagnostics;
using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Tests;

/// <summary>The Python tools beside the recorded conversations in <c>$GOLDEN_DIR</c>; they start sidecars of this build.</summary>
internal static class GoldenTool
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>A path below GOLDEN_DIR; skips the test where there is none.</summary>
    public static string Path(params string[] parts)
    {
        var folder = Environment.GetEnvironmentVariable("GOLDEN_DIR");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "GOLDEN_DIR does not name the folder of recorded conversations.");
        var path = System.IO.Path.Combine([folder!, .. parts]);
        Assert.SkipUnless(System.IO.Path.Exists(path), $"GOLDEN_DIR has no {string.Join('/', parts)}.");
        return path;
    }

    /// <summary>Skips the test unless the program runs with these arguments and says yes by its exit code.</summary>
    public static async Task NeedsAsync(string reason, string program, params string[] arguments) =>
        Assert.SkipUnless((await RunAsync(program, arguments)).ExitCode == 0, reason);

    /// <summary>What the tool printed, and whether all of it passed.</summary>
    public static async Task<(bool Passed, string Output)> RunAsync(string script, int atLeast, params string[] arguments)
    {
        var sidecar = $"dotnet '{typeof(Sidecar).Assembly.Location}' sidecar";
        var (exitCode, output) = await RunAsync("/usr/bin/python3", [script, .. arguments, "--sidecar", sidecar]);
        var count = output.TrimEnd().Split('\n')[^1].Split(' ');
        return (exitCode == 0 && int.TryParse(count[0], out var passed) && passed >= atLeast && !output.Contains("\nskip ", StringComparison.Ordinal), output);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments)
    {
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return (-1, missing.Message);
        }
        using (process)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(Limit);
            try
            {
                var output = process.StandardOutput.ReadToEndAsync(limit.Token);
                var errors = process.StandardError.ReadToEndAsync(limit.Token);
                await process.WaitForExitAsync(limit.Token);
                return (process.ExitCode, await output + await errors);
            }
            finally
            {
                if (!process.HasExited)
                    process.Kill(entireProcessTree: true);
            }
        }
    }
}
