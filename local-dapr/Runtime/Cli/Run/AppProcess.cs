using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LocalDapr.Runtime.Cli.Run;

/// <summary>The process of one app: started with its environment, its output prefixed, ended politely and then by force.</summary>
internal sealed partial class AppProcess : IAsyncDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly Process process;
    private readonly Task output;

    private AppProcess(Process process, Action<string> line)
    {
        this.process = process;
        output = Task.WhenAll(PumpAsync(process.StandardOutput, line), PumpAsync(process.StandardError, line));
    }

    public int Id => process.Id;

    public DateTime StartTime => process.StartTime;

    /// <param name="command">Program and arguments; no shell.</param>
    /// <param name="folder">Working directory.</param>
    /// <param name="environment">Added to the environment of this process.</param>
    /// <param name="line">Called for each line of stdout and stderr.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public static AppProcess Start(IReadOnlyList<string> command, string folder, IEnumerable<KeyValuePair<string, string>> environment, Action<string> line)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new AppProcess(Process.Start(start)!, line);
    }

    /// <summary>Waits for the end and returns the exit code; the output is complete by then.</summary>
    public async Task<int> WaitAsync()
    {
        await process.WaitForExitAsync();
        await output.WaitAsync(Grace).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return process.ExitCode;
    }

    public Task StopAsync() => EndAsync(process);

    /// <summary>SIGTERM, then after five seconds the whole process tree is killed.</summary>
    public static async Task EndAsync(Process process)
    {
        if (process.HasExited)
            return;
        Terminate(process);
        try
        {
            await process.WaitForExitAsync().WaitAsync(Grace);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        process.Dispose();
    }

    /// <summary>Asks a process to end.</summary>
    public static void Terminate(Process process)
    {
        if (OperatingSystem.IsWindows())
            process.Kill(entireProcessTree: true);
        else
            _ = Signal(process.Id, SigTerm);
    }

    private static async Task PumpAsync(StreamReader reader, Action<string> line)
    {
        while (await reader.ReadLineAsync() is { } text)
            line(text);
    }

    private const int SigTerm = 15;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int pid, int signal);
}
