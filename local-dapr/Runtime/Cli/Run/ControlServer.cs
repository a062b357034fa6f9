namespace LocalDapr.Runtime.Cli.Run;

/// <summary>Serves the control pipe of a running runtime: other runs that join, and commands that need its token.</summary>
internal sealed class ControlServer : IAsyncDisposable
{
    private readonly string dataFolder;
    private readonly RunSession session;
    private readonly Action<string> say;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task serving;

    public ControlServer(string dataFolder, RunSession session, Action<string> say)
    {
        (this.dataFolder, this.session, this.say) = (dataFolder, session, say);
        serving = ServeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await serving;
        stopping.Dispose();
    }

    private async Task ServeAsync()
    {
        List<Task> visits = [];
        try
        {
            while (true)
            {
                visits.RemoveAll(visit => visit.IsCompleted);
                if (await ControlPipe.AcceptAsync(dataFolder, stopping.Token) is { } pipe)
                    visits.Add(VisitAsync(pipe));
            }
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            say($"no other run can join: {failure.Message}");
        }
        await Task.WhenAll(visits);
    }

    private async Task VisitAsync(ControlPipe pipe)
    {
        await using (pipe)
        {
            try
            {
                var request = await pipe.ReadAsync<ControlRequest>(stopping.Token);
                if (request?.Join is { } run)
                    await JoinAsync(pipe, run);
                else if (request is not null)
                    await pipe.WriteAsync(new ControlAnswer(ApiToken: session.ApiToken), stopping.Token);
            }
            catch (OperationCanceledException)
            {
                // The runtime ends; the other side sees it by the end of the connection.
            }
            catch (Exception failure)
            {
                say($"a process that joined was cut off: {failure.Message}");
            }
        }
    }

    private async Task JoinAsync(ControlPipe pipe, RunFile run)
    {
        IReadOnlyList<Member> joined;
        try
        {
            joined = await session.AddAsync(run, stopping.Token);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            await pipe.WriteAsync(new ControlAnswer(Error: failure.Message), stopping.Token);
            return;
        }
        var names = string.Join(", ", run.Apps.Select(app => app.AppId));
        say($"{names} joined");
        var ready = Task.CompletedTask;
        try
        {
            await pipe.WriteAsync(new ControlAnswer(Apps: [.. joined.Select(m => new JoinedApp(m.Sidecar.HttpPort, m.Sidecar.GrpcPort, m.Environment))]), stopping.Token);
            ready = SayReadyAsync(pipe, joined);
            while (await pipe.ReadAsync<StartedProcess>(stopping.Token) is { } started)
            {
                joined[started.App].Process = started.Process;
                session.WriteState();
            }
        }
        finally
        {
            await session.RemoveAsync(joined);
            await pipe.DisposeAsync();
            await Task.WhenAll(joined.Select(m => m.EndOrphanAsync()));
            await ready.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            say($"{names} left");
        }
    }

    private async Task SayReadyAsync(ControlPipe pipe, IReadOnlyList<Member> joined)
    {
        await Task.WhenAll(joined.Select(m => m.Sidecar.Ready.Task)).WaitAsync(stopping.Token);
        await pipe.WriteAsync(new JoinedReady(), stopping.Token);
    }
}
