using System.Diagnostics;
using System.Text;
using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Tests.Cli;

/// <summary>A run command in a process of its own, as somebody at a terminal has it.</summary>
internal sealed class RunProcess : IDisposable
{
    public const string ApiToken = "token-of-the-run";

    private readonly Process process;
    private readonly StringBuilder output = new();

    private RunProcess(Process process) => this.process = process;

    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    public bool HasExited => process.HasExited;

    /// <summary>Starts <c>run</c> in the folder and returns when its apps are ready.</summary>
    public static async Task<RunProcess> StartAsync(TempFolder folder, params string[] arguments)
    {
        var run = new RunProcess(Process.Start(Command(folder, ["run", .. arguments]))!);
        run.process.OutputDataReceived += (_, line) => run.Take(line.Data);
        run.process.ErrorDataReceived += (_, line) => run.Take(line.Data);
        run.process.BeginOutputReadLine();
        run.process.BeginErrorReadLine();
        await Eventually.TrueAsync(() =>
        {
            Assert.False(run.HasExited && run.Output.Length > 0 && !run.Output.Contains("Ctrl-C", StringComparison.Ordinal), run.Output);
            return run.Output.Contains("Ctrl-C", StringComparison.Ordinal);
        });
        return run;
    }

    /// <summary>Runs another command in the folder to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> DaprAsync(TempFolder folder, params string[] arguments)
    {
        using var process = Process.Start(Command(folder, arguments))!;
        var (said, failed) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await said, await failed);
    }

    /// <summary>Runs another command that must fail, with one line that says why.</summary>
    public static async Task RefusedAsync(TempFolder folder, string expected, params string[] arguments)
    {
        var (code, _, error) = await DaprAsync(folder, arguments);
        Assert.Equal(1, code);
        Assert.Contains(expected, Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    /// <summary>Rows of <c>dapr list</c>: app id, URL, HTTP port, gRPC port, pid.</summary>
    public static async Task<string[][]> ListAsync(TempFolder folder) =>
        [.. (await DaprAsync(folder, "list")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    /// <summary>SIGKILL, of this process alone.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM; returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        return await ExitAsync();
    }

    public async Task<int> ExitAsync()
    {
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        process.Dispose();
    }

    private static ProcessStartInfo Command(TempFolder folder, IEnumerable<string> arguments) => new("dotnet", [typeof(Sidecar).Assembly.Location, .. arguments])
    {
        WorkingDirectory = folder.Path,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["DAPR_API_TOKEN"] = ApiToken },
    };

    private void Take(string? line)
    {
        lock (output)
            output.AppendLine(line);
    }
}
