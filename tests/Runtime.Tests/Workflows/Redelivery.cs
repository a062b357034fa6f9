using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Runtime.Tests.Workflows;

/// <summary>What happens to work that is out when its worker or the runtime goes, and to answers that come twice or for the wrong run.</summary>
public sealed class Redelivery : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_turn_and_the_activity_that_a_lost_worker_had_go_to_the_next_one()
    {
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        await using (var lost = new Worker(sidecar.Grpc))
        {
            await FirstTurnAsync(sidecar, lost, Actions.Task(0, "A"));
            await lost.ActivityAsync("w");
            await sidecar.RaiseAsync("w", "e");
            await lost.TurnAsync("w");
        }

        await using var next = new Worker(sidecar.Grpc);
        Assert.Equal("A", (await next.ActivityAsync("w")).Name);
        Assert.Equal("e", (await next.TurnAsync("w")).NewEvents[^1].EventRaised.Name);
    }

    [Fact]
    public async Task What_came_while_a_turn_was_out_comes_again_after_a_restart()
    {
        await using (var sidecar = await WorkflowHost.StartAsync(folder))
        {
            await using var worker = new Worker(sidecar.Grpc);
            var start = sidecar.StartAsync("w", "W");
            await worker.TurnAsync("w");
            await sidecar.RaiseAsync("w", "e");
            await worker.AnswerAsync("w");
            await start;
            await worker.TurnAsync("w");
        }

        await using var restarted = await WorkflowHost.StartAsync(folder);
        await using var next = new Worker(restarted.Grpc);
        Assert.Equal("e", (await next.TurnAsync("w")).NewEvents[^1].EventRaised.Name);
    }

    [Fact]
    public async Task A_timer_that_fired_fires_again_after_a_restart_when_its_turn_was_not_answered()
    {
        await using (var sidecar = await WorkflowHost.StartAsync(folder))
        {
            await using var worker = new Worker(sidecar.Grpc);
            await FirstTurnAsync(sidecar, worker, Actions.Timer(7, TimeSpan.Zero));
            Assert.Equal(7, (await worker.TurnAsync("w")).NewEvents[^1].TimerFired.TimerId);
        }

        await using var restarted = await WorkflowHost.StartAsync(folder);
        await using var next = new Worker(restarted.Grpc);
        Assert.Equal(7, (await next.TurnAsync("w")).NewEvents[^1].TimerFired.TimerId);
    }

    [Fact]
    public async Task A_timer_does_not_wait_for_a_later_one_that_was_there_before()
    {
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        await using var worker = new Worker(sidecar.Grpc);
        await FirstTurnAsync(sidecar, worker, Actions.Timer(0, TimeSpan.FromHours(1)));
        await sidecar.RaiseAsync("w", "e");
        await worker.TurnAsync("w");
        await worker.AnswerAsync("w", Actions.Timer(1, TimeSpan.FromMilliseconds(50)));
        Assert.Equal(1, (await worker.TurnAsync("w")).NewEvents[^1].TimerFired.TimerId);
    }

    [Fact]
    public async Task An_event_that_was_there_before_the_wait_for_it_ends_the_waits_timer()
    {
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        await using var worker = new Worker(sidecar.Grpc);
        var start = sidecar.StartAsync("w", "W");
        await worker.TurnAsync("w");
        await sidecar.RaiseAsync("w", "go");
        var ofWait = Actions.Timer(0, TimeSpan.Zero);
        ofWait.CreateTimer.Name = "go";
        await worker.AnswerAsync("w", ofWait, Actions.Timer(1, TimeSpan.FromMilliseconds(10)));
        await start;

        // The other timer is due later: when it has fired, that of the wait would have too.
        List<int> fired = [];
        while (!fired.Contains(1))
        {
            fired.AddRange((await worker.TurnAsync("w")).NewEvents.Where(e => e.TimerFired is not null).Select(e => e.TimerFired.TimerId));
            await worker.AnswerAsync("w");
        }
        Assert.Equal([1], fired);
    }

    [Fact]
    public async Task A_second_answer_to_an_activity_is_dropped()
    {
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        await using var worker = new Worker(sidecar.Grpc);
        await FirstTurnAsync(sidecar, worker, Actions.Task(0, "A"));
        var item = await worker.NextAsync(i => i.ActivityRequest is not null, "activity");
        var answer = new ActivityResponse { InstanceId = "w", TaskId = 0, Result = "1", CompletionToken = item.CompletionToken };
        await sidecar.Grpc.UnaryAsync(TaskHubMethods.CompleteActivityTask, answer);
        Assert.Equal("1", (await worker.TurnAsync("w")).NewEvents[^1].TaskCompleted.Result);
        await sidecar.Grpc.UnaryAsync(TaskHubMethods.CompleteActivityTask, answer);
        await worker.AnswerAsync("w");
        await sidecar.RaiseAsync("w", "e");
        Assert.Equal("e", Assert.Single((await worker.TurnAsync("w")).NewEvents.Skip(1)).EventRaised.Name);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_from_before_a_restart_counts_by_its_token_or_once_the_activity_is_out_again(bool withToken)
    {
        string token;
        await using (var sidecar = await WorkflowHost.StartAsync(folder))
        {
            await using var worker = new Worker(sidecar.Grpc);
            await FirstTurnAsync(sidecar, worker, Actions.Task(0, "A"));
            token = (await worker.NextAsync(i => i.ActivityRequest is not null, "activity")).CompletionToken;
        }

        await using var restarted = await WorkflowHost.StartAsync(folder);
        var early = new ActivityResponse { InstanceId = "w", TaskId = 0, Result = "early", CompletionToken = withToken ? token : "" };
        await restarted.Grpc.UnaryAsync(TaskHubMethods.CompleteActivityTask, early);
        await using var next = new Worker(restarted.Grpc);
        if (!withToken)
        {
            await next.ActivityAsync("w");
            await next.AnswerActivityAsync("w", 0, "again");
        }
        Assert.Equal(withToken ? "early" : "again", (await next.TurnAsync("w")).NewEvents[^1].TaskCompleted.Result);
    }

    [Fact]
    public async Task An_activity_that_is_out_or_has_its_result_is_not_started_a_second_time()
    {
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        await using var worker = new Worker(sidecar.Grpc);
        await FirstTurnAsync(sidecar, worker, Actions.Task(0, "A"), Actions.Task(1, "B"));
        await worker.ActivityAsync("w");
        await worker.ActivityAsync("w");
        await worker.AnswerActivityAsync("w", 0, "0");
        await worker.TurnAsync("w");
        await worker.AnswerAsync("w", Actions.Task(0, "A"), Actions.Task(1, "B"), Actions.Task(2, "C"));
        Assert.Equal("C", (await worker.ActivityAsync("w")).Name);
    }

    [Fact]
    public async Task A_parent_hears_the_end_of_its_child_but_not_in_the_run_after_the_one_that_started_it()
    {
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        await using var worker = new Worker(sidecar.Grpc);
        await FirstTurnAsync(sidecar, worker, Child(0, "one"), Child(1, "two"));
        await worker.TurnAsync("one");
        await worker.TurnAsync("two");
        await worker.AnswerAsync("one", Actions.Complete(0, "\"in time\""));
        var ended = (await worker.TurnAsync("w")).NewEvents[^1].ChildWorkflowInstanceCompleted;
        Assert.Equal((0, "\"in time\""), (ended.TaskScheduledId, ended.Result));
        await worker.AnswerAsync("w", Actions.ContinueAsNew(2, "2"));
        await worker.TurnAsync("w");
        await worker.AnswerAsync("w");

        await worker.AnswerAsync("two", Actions.Complete(0, "\"late\""));
        await sidecar.RaiseAsync("w", "e");
        Assert.Equal("e", Assert.Single((await worker.TurnAsync("w")).NewEvents.Skip(1)).EventRaised.Name);
    }

    [Fact]
    public async Task Who_is_terminated_with_its_children_terminates_them()
    {
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        await using var worker = new Worker(sidecar.Grpc);
        await FirstTurnAsync(sidecar, worker, Child(0, "kid"));
        await worker.TurnAsync("kid");
        await worker.AnswerAsync("kid");
        var terminate = sidecar.Grpc.UnaryAsync(TaskHubMethods.TerminateInstance, new TerminateRequest { InstanceId = "w", Recursive = true });
        await worker.TurnAsync("w");
        await worker.AnswerAsync("w");
        await terminate;
        Assert.NotNull((await worker.TurnAsync("kid")).NewEvents[^1].ExecutionTerminated);
    }

    [Fact]
    public async Task Retention_goes_on_after_a_restart()
    {
        const string retention = """
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata: {name: retention}
            spec: {workflow: {stateRetentionPolicy: {completed: 2s}}}
            """;
        await using (var sidecar = await WorkflowHost.StartAsync(folder, retention))
        {
            await using var worker = new Worker(sidecar.Grpc);
            await FirstTurnAsync(sidecar, worker, Actions.Complete(0));
        }
        await using var restarted = await WorkflowHost.StartAsync(folder, retention);
        await Eventually.TrueAsync(async () => await restarted.GetAsync("w") is null);
    }

    private static WorkflowAction Child(int id, string instance) => new() { Id = id, CreateChildWorkflow = new() { Name = "Kid", InstanceId = instance } };

    private static async Task FirstTurnAsync(TestSidecar sidecar, Worker worker, params WorkflowAction[] answer)
    {
        var start = sidecar.StartAsync("w", "W");
        await worker.TurnAsync("w");
        await worker.AnswerAsync("w", answer);
        await start;
    }
}
