namespace LocalDapr.Runtime.Cli.Run;

/// <summary>Apps that joined the runtime of another process: that one has their sidecars, this one their processes.</summary>
internal sealed class JoinedRun : IAsyncDisposable
{
    /// <summary>A runtime that was just started may still be at its own apps.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ControlPipe pipe;
    private readonly List<AppHost> hosts = [];
    private readonly SemaphoreSlim saying = new(1);
    private readonly RecordedProcess?[] processes;
    private readonly (AppSpec Spec, JoinedApp Joined)[] apps;
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private JoinedRun(ControlPipe pipe, (AppSpec, JoinedApp)[] apps)
    {
        (this.pipe, this.apps) = (pipe, apps);
        processes = new RecordedProcess?[apps.Length];
        Ended = ListenAsync();
    }

    /// <summary>Completes when the runtime has gone.</summary>
    public Task Ended { get; }

    /// <summary>Completes when every app is healthy; never when the runtime goes before.</summary>
    public Task Ready => ready.Task;

    public IReadOnlyList<RunningApp> Apps => [.. apps.Select((app, i) => new RunningApp(app.Spec.AppId, app.Spec.AppPort, app.Joined.HttpPort, app.Joined.GrpcPort, processes[i]))];

    /// <exception cref="IOException">The runtime does not answer, or refuses: a mistake in the run file, a port that is taken.</exception>
    public static async Task<JoinedRun> StartAsync(RunFile file, string dataFolder, RunConsole console, bool restart, CancellationToken cancellation)
    {
        var pipe = await ControlPipe.ConnectAsync(dataFolder, Patience, cancellation);
        JoinedRun? run = null;
        try
        {
            await pipe.WriteAsync(new ControlRequest(Join: file), cancellation);
            var answer = await pipe.ReadAsync<ControlAnswer>(cancellation) ?? throw new IOException($"the runtime of {dataFolder} ended");
            if (answer.Error is { } error)
                throw new IOException(error);
            run = new JoinedRun(pipe, [.. file.Apps.Zip(answer.Apps!)]);
            run.StartProcesses(console, restart);
            return run;
        }
        catch
        {
            if (run is not null)
                await run.DisposeAsync();
            else
                await pipe.DisposeAsync();
            throw;
        }
    }

    /// <summary>The sidecars first, by the end of the connection, then the processes.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var host in hosts)
            host.StopRestarting();
        await pipe.DisposeAsync();
        await Ended;
        await Task.WhenAll(hosts.Select(h => h.DisposeAsync().AsTask()));
        saying.Dispose();
    }

    private void StartProcesses(RunConsole console, bool restart)
    {
        for (var i = 0; i < apps.Length; i++)
        {
            var index = i;
            var host = new AppHost(apps[i].Spec, apps[i].Joined.Environment, console, restart, process => _ = TellAsync(index, process));
            hosts.Add(host);
            host.Start();
        }
    }

    private async Task TellAsync(int app, RecordedProcess? process)
    {
        processes[app] = process;
        await saying.WaitAsync();
        try
        {
            await pipe.WriteAsync(new StartedProcess(app, process), CancellationToken.None);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            // The runtime has gone, which Ended tells.
        }
        finally
        {
            saying.Release();
        }
    }

    private async Task ListenAsync()
    {
        try
        {
            while (await pipe.ReadAsync<JoinedReady>(CancellationToken.None) is not null)
                ready.TrySetResult();
        }
        catch (ObjectDisposedException)
        {
        }
    }
}
