namespace LocalDapr.Runtime.Cli.Run;

/// <summary>The process of one app of a run, started again when it dies (1 s, doubling to 30 s).</summary>
/// <param name="changed">Called with each process that is started.</param>
internal sealed class AppHost(AppSpec spec, IReadOnlyDictionary<string, string> environment, RunConsole console, bool restart, Action<RecordedProcess?> changed) : IAsyncDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource stopping = new();
    private AppProcess? process;
    private Task life = Task.CompletedTask;

    public void Start()
    {
        if (spec.Command.Count == 0)
            return;
        Launch();
        life = LiveAsync();
    }

    public void StopRestarting() => stopping.Cancel();

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        if (process is not null)
            await process.StopAsync();
        await life;
        if (process is not null)
            await process.DisposeAsync();
        stopping.Dispose();
    }

    private static RecordedProcess? Recorded(AppProcess running)
    {
        try
        {
            return new RecordedProcess(running.Id, running.StartTime.ToUniversalTime());
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private void Launch()
    {
        process = AppProcess.Start(spec.Command, spec.Folder, environment, line => console.App(spec, line));
        changed(Recorded(process));
    }

    private async Task LiveAsync()
    {
        var delay = FirstDelay;
        while (true)
        {
            var started = DateTime.UtcNow;
            var code = await process!.WaitAsync();
            if (stopping.IsCancellationRequested)
                return;
            if (!restart)
            {
                console.Say($"{spec.AppId} ended with code {code}");
                return;
            }
            if (DateTime.UtcNow - started > LongestDelay)
                delay = FirstDelay;
            console.Say($"{spec.AppId} ended with code {code}, starting it again in {delay.TotalSeconds:0} s");
            try
            {
                await Task.Delay(delay, stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
            Launch();
        }
    }
}
