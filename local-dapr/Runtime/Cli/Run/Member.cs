using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Cli.Run;

/// <summary>One app of a runtime: its sidecar, and its process, which is a child of this process or of a run that joined.</summary>
/// <param name="environment">What the process is started with.</param>
internal sealed class Member(AppSpec spec, Sidecar sidecar, IReadOnlyDictionary<string, string> environment) : IAsyncDisposable
{
    private static readonly TimeSpan Orphaned = TimeSpan.FromSeconds(1);

    private AppHost? host;

    public Sidecar Sidecar => sidecar;

    public IReadOnlyDictionary<string, string> Environment => environment;

    /// <summary>As it was last started.</summary>
    public RecordedProcess? Process { get; set; }

    public RunningApp Describe() => new(spec.AppId, spec.AppPort, sidecar.HttpPort, sidecar.GrpcPort, Process);

    /// <summary>Starts the process as a child of this one.</summary>
    public void StartApp(RunConsole console, bool restart, Action changed)
    {
        host = new AppHost(spec, environment, console, restart, process =>
        {
            Process = process;
            changed();
        });
        host.Start();
    }

    public void StopRestarting() => host?.StopRestarting();

    /// <summary>The sidecar first, as the Dapr CLI does, so that nothing new reaches the app.</summary>
    public async ValueTask DisposeAsync()
    {
        await sidecar.DisposeAsync();
        if (host is not null)
            await host.DisposeAsync();
    }

    /// <summary>Ends the process of a run that joined, if that run was killed and cannot do it any more.</summary>
    public async Task EndOrphanAsync()
    {
        using var process = Process?.Find();
        if (process is null)
            return;
        try
        {
            await process.WaitForExitAsync().WaitAsync(Orphaned);
        }
        catch (TimeoutException)
        {
            await AppProcess.EndAsync(process);
        }
    }
}
