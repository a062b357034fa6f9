using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Runtime.Tests.Workflows;

public sealed class CrashSafety
{
    [Fact]
    public async Task Workflows_complete_with_a_whole_history_although_the_runtime_is_killed_again_and_again()
    {
        const int instances = 30, steps = 12;
        using var folder = new TempFolder();
        await WriteStoreAsync(folder);
        var executions = new ConcurrentDictionary<(string Instance, int Step), int>();
        var ids = Enumerable.Range(0, instances).Select(i => $"wf-{i}").ToArray();

        for (var life = 0; life < 3; life++)
        {
            using var doomed = await SidecarProcess.StartAsync(folder);
            using var channel = new GrpcChannel(new Uri($"http://127.0.0.1:{doomed.GrpcPort}/"));
            await using var worker = new ChainWorker(channel, steps, executions).Start();
            if (life == 0)
                await Task.WhenAll(ids.Select(id => channel.UnaryAsync(TaskHubMethods.StartInstance, new CreateInstanceRequest { InstanceId = id, Name = "Chain" })));
            var target = (life + 1) * instances * steps / 4;
            await Eventually.TrueAsync(() => Task.FromResult(executions.Count >= target));
            doomed.Kill();
        }

        using var last = await SidecarProcess.StartAsync(folder);
        using var final = new GrpcChannel(new Uri($"http://127.0.0.1:{last.GrpcPort}/"));
        await using var finisher = new ChainWorker(final, steps, executions).Start();
        foreach (var id in ids)
        {
            var done = await final.UnaryAsync(TaskHubMethods.WaitForInstanceCompletion, new GetInstanceRequest { InstanceId = id, GetInputsAndOutputs = true }, new() { Timeout = TimeSpan.FromSeconds(20) });
            Assert.Equal("\"done\"", done.WorkflowState.Output);
            var history = (await final.UnaryAsync(TaskHubMethods.GetInstanceHistory, new GetInstanceHistoryRequest { InstanceId = id })).Events;
            Assert.Equal(Enumerable.Range(0, steps), history.Where(e => e.TaskScheduled is not null).Select(e => e.EventId));
            Assert.Equal(Enumerable.Range(0, steps), history.Where(e => e.TaskCompleted is not null).Select(e => e.TaskCompleted.TaskScheduledId));
            Assert.NotNull(history[^1].ExecutionCompleted);
            Assert.All(Enumerable.Range(0, steps), step => Assert.True(executions[(id, step)] >= 1));
        }
    }

    [Fact]
    public async Task A_timer_that_was_due_while_the_runtime_was_dead_fires_after_the_restart()
    {
        using var folder = new TempFolder();
        await WriteStoreAsync(folder);
        var due = DateTimeOffset.UtcNow.AddSeconds(2);
        using (var doomed = await SidecarProcess.StartAsync(folder))
        {
            using var channel = new GrpcChannel(new Uri($"http://127.0.0.1:{doomed.GrpcPort}/"));
            await using var worker = new Worker(channel);
            var start = channel.UnaryAsync(TaskHubMethods.StartInstance, new CreateInstanceRequest { InstanceId = "sleeper", Name = "Sleeper" });
            await worker.TurnAsync("sleeper");
            await worker.AnswerAsync("sleeper", new WorkflowAction { Id = 0, CreateTimer = new() { FireAt = Timestamp.FromDateTimeOffset(due) } });
            await start;
            doomed.Kill();
        }
        await Eventually.TrueAsync(() => Task.FromResult(DateTimeOffset.UtcNow > due));

        using var restarted = await SidecarProcess.StartAsync(folder);
        using var again = new GrpcChannel(new Uri($"http://127.0.0.1:{restarted.GrpcPort}/"));
        await using var next = new Worker(again);
        var turn = await next.TurnAsync("sleeper");
        Assert.Equal(0, turn.NewEvents[^1].TimerFired.TimerId);
        Assert.Equal(due, turn.NewEvents[^1].TimerFired.FireAt.ToDateTimeOffset());
    }

    [Fact]
    public async Task Starts_and_events_that_were_acknowledged_without_a_worker_are_worked_on_after_kill_9()
    {
        using var folder = new TempFolder();
        await WriteStoreAsync(folder);
        using (var doomed = await SidecarProcess.StartAsync(folder))
        {
            using var channel = new GrpcChannel(new Uri($"http://127.0.0.1:{doomed.GrpcPort}/"));
            await channel.UnaryAsync(TaskHubMethods.StartInstance, new CreateInstanceRequest { InstanceId = "queued", Name = "Q", Input = "7" });
            await channel.UnaryAsync(TaskHubMethods.RaiseEvent, new RaiseEventRequest { InstanceId = "queued", Name = "go", Input = "8" });
            doomed.Kill();
        }

        using var restarted = await SidecarProcess.StartAsync(folder);
        using var again = new GrpcChannel(new Uri($"http://127.0.0.1:{restarted.GrpcPort}/"));
        await using var worker = new Worker(again);
        var turn = await worker.TurnAsync("queued");
        Assert.Equal("7", turn.NewEvents[1].ExecutionStarted.Input);
        Assert.Equal(("go", "8"), (turn.NewEvents[2].EventRaised.Name, turn.NewEvents[2].EventRaised.Input));
    }

    private static Task WriteStoreAsync(TempFolder folder) =>
        File.WriteAllTextAsync(folder.File("store.yaml"), Yaml.Component("workflow-store", "state.redis", ("redisHost", "localhost:6379"), ("actorStateStore", "true")));
}
