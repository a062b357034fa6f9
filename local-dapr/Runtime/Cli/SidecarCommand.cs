using System.CommandLine;
using LocalDapr.Runtime.Cli.Run;
using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Cli;

/// <summary><c>dapr sidecar</c>: one sidecar with daprd's own flags, a drop-in for the program daprd (contract section 20).</summary>
internal static class SidecarCommand
{
    public static Command Create()
    {
        var flags = new SidecarFlags();
        var command = new Command("sidecar", "Runs one sidecar with daprd's flags; a drop-in for daprd.");
        foreach (var option in flags.All)
            command.Options.Add(option);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (runtime, options) = (flags.ReadRuntime(parsed), flags.Read(parsed));
            using var data = runtime.DataDirectory.Length > 0 ? DataFolder.Open(runtime.DataDirectory) : DataFolder.Temporary();
            using var jobs = runtime.DataDirectory.Length > 0 ? null : DataFolder.ForJobs(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), options);
            return await RunAsync(options, runtime with { DataDirectory = data.Path, JobsDirectory = jobs?.Path }, cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(SidecarOptions options, RuntimeOptions runtimeOptions, CancellationToken cancellation)
    {
        if (!SidecarOptions.IsAppId(options.AppId))
        {
            await Console.Error.WriteLineAsync($"--app-id: `{options.AppId}` is not an app id. It must not be empty or hold a dot.");
            return 1;
        }
        using var loggers = ConsoleLog.Create(options.LogLevel);
        await using var runtime = new LocalRuntime(runtimeOptions, TimeProvider.System);
        using var stop = new StopSignals();
        var sidecar = await Sidecar.StartAsync(runtime, options, loggers, cancellation);
        await using (sidecar)
        {
            var exit = await Task.WhenAny(sidecar.StopRequested.Task, stop.Requested);
            if (exit != sidecar.StopRequested.Task && options.BlockShutdown > TimeSpan.Zero)
            {
                sidecar.BlockShutdown();
                await Task.WhenAny(sidecar.StopRequested.Task, Task.Delay(options.BlockShutdown, cancellation));
            }
            return sidecar.StopRequested.Task.IsCompleted ? await sidecar.StopRequested.Task : 0;
        }
    }
}
