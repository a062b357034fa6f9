using System.Net.Http.Json;
using System.Text.Json.Nodes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;

namespace LocalDapr.Runtime.Tests.Workflows;

public sealed class WorkflowEngineTests
{
    [Fact]
    public async Task Without_a_worker_starts_and_events_are_taken_at_once_and_wait_for_one()
    {
        using var folder = new TempFolder();
        await using var sidecar = await WorkflowHost.StartAsync(folder);

        await sidecar.StartAsync("early", "W", "1");
        await sidecar.RaiseAsync("early", "go");
        await sidecar.Grpc.UnaryAsync(TaskHubMethods.TerminateInstance, new TerminateRequest { InstanceId = "early" });

        Assert.Equal(OrchestrationStatus.Pending, (await sidecar.GetAsync("early"))!.WorkflowStatus);
        await using var worker = new Worker(sidecar.Grpc);
        var turn = await worker.TurnAsync("early");
        Assert.Equal(["WorkflowStarted", "ExecutionStarted", "EventRaised", "ExecutionTerminated"], turn.NewEvents.Select(e => e.EventTypeCase.ToString()));
    }

    [Fact]
    public async Task An_empty_instance_id_is_an_id_as_any_other()
    {
        using var folder = new TempFolder();
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        await using var worker = new Worker(sidecar.Grpc);
        var start = sidecar.StartAsync("", "W");
        await worker.TurnAsync("");
        await worker.AnswerAsync("", Actions.Complete(0, ""));
        await start;
        Assert.Equal((OrchestrationStatus.Completed, ""), ((await sidecar.CompletionAsync("")).WorkflowStatus, (await sidecar.GetAsync(""))!.Output));
    }

    [Fact]
    public async Task A_workflow_that_continues_as_new_for_ever_pauses_after_21_runs_and_keeps_its_progress()
    {
        using var folder = new TempFolder();
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        await using var worker = new Worker(sidecar.Grpc);
        var start = sidecar.StartAsync("tight", "Tight", "0");
        for (var run = 0; run <= 20; run++)
        {
            var turn = await worker.TurnAsync("tight");
            Assert.Equal((0, run.ToString()), (turn.PastEvents.Count, turn.NewEvents[1].ExecutionStarted.Input));
            await worker.AnswerAsync("tight", Actions.ContinueAsNew(0, (run + 1).ToString()));
        }

        var next = await worker.TurnAsync("tight");
        Assert.Equal("21", next.PastEvents[1].ExecutionStarted.Input);
        Assert.Single(next.NewEvents);
        Assert.True(next.NewEvents[0].Timestamp.ToDateTimeOffset() - next.PastEvents[0].Timestamp.ToDateTimeOffset() > TimeSpan.FromSeconds(0.9));
        await worker.AnswerAsync("tight", Actions.Complete(0, "\"end\""));
        await start;
        Assert.Equal(("21", "\"end\""), ((await sidecar.CompletionAsync("tight")).Input, (await sidecar.GetAsync("tight"))!.Output));
    }

    [Fact]
    public async Task A_result_of_the_run_before_continue_as_new_is_not_given_to_the_next_run()
    {
        using var folder = new TempFolder();
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        await using var worker = new Worker(sidecar.Grpc);
        var start = sidecar.StartAsync("gen", "Gen", "1");
        await worker.TurnAsync("gen");
        await worker.AnswerAsync("gen", Actions.Task(0, "Old"));
        await start;
        var old = await worker.NextAsync(i => i.ActivityRequest is not null, "old activity");
        await sidecar.RaiseAsync("gen", "again");
        await worker.TurnAsync("gen");
        await worker.AnswerAsync("gen", Actions.ContinueAsNew(1, "2"));
        await worker.TurnAsync("gen");
        await worker.AnswerAsync("gen", Actions.Task(0, "New"));

        await sidecar.Grpc.UnaryAsync(TaskHubMethods.CompleteActivityTask, new ActivityResponse { InstanceId = "gen", TaskId = 0, Result = "\"old\"", CompletionToken = old.CompletionToken });
        Assert.Equal("New", (await worker.ActivityAsync("gen")).Name);
        await worker.AnswerActivityAsync("gen", 0, "\"new\"");
        var turn = await worker.TurnAsync("gen");
        Assert.Equal("\"new\"", Assert.Single(turn.NewEvents, e => e.TaskCompleted is not null).TaskCompleted.Result);
    }

    [Fact]
    public async Task An_answer_with_the_token_of_an_earlier_turn_is_dropped()
    {
        using var folder = new TempFolder();
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        await using var worker = new Worker(sidecar.Grpc);
        var start = sidecar.StartAsync("tok", "Tok");
        var first = await worker.NextAsync(i => i.WorkflowRequest is not null, "first turn");
        await worker.AnswerAsync("tok");
        await start;
        await sidecar.RaiseAsync("tok", "e");
        await worker.TurnAsync("tok");

        await sidecar.Grpc.UnaryAsync(TaskHubMethods.CompleteWorkflowTask, new WorkflowResponse { InstanceId = "tok", Actions = { Actions.Complete(0, "\"late\"") }, CompletionToken = first.CompletionToken });
        Assert.Equal(OrchestrationStatus.Running, (await sidecar.GetAsync("tok"))!.WorkflowStatus);
        await worker.AnswerAsync("tok", Actions.Complete(0, "\"right\""));
        Assert.Equal("\"right\"", (await sidecar.CompletionAsync("tok")).Output);
    }

    [Fact]
    public async Task Results_that_come_while_a_turn_is_out_come_together_in_the_next()
    {
        using var folder = new TempFolder();
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        await using var worker = new Worker(sidecar.Grpc);
        var start = sidecar.StartAsync("batch", "Batch");
        await worker.TurnAsync("batch");
        await worker.AnswerAsync("batch", Actions.Task(0, "A"), Actions.Task(1, "B"), Actions.Task(2, "C"));
        await start;
        for (var i = 0; i < 3; i++)
            await worker.ActivityAsync("batch");
        await worker.AnswerActivityAsync("batch", 0, "0");
        await worker.TurnAsync("batch");
        await worker.AnswerActivityAsync("batch", 1, "1");
        await worker.AnswerActivityAsync("batch", 2, "2");
        Assert.DoesNotContain(worker.Unread, i => i.WorkflowRequest is not null);
        await worker.AnswerAsync("batch");
        Assert.Equal([1, 2], (await worker.TurnAsync("batch")).NewEvents.Skip(1).Select(e => e.TaskCompleted.TaskScheduledId));
    }

    [Fact]
    public async Task Concurrency_limits_hold_back_the_second_turn_and_the_second_activity()
    {
        using var folder = new TempFolder();
        await using var sidecar = await WorkflowHost.StartAsync(folder, """
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata: {name: limits}
            spec: {workflow: {maxConcurrentWorkflowInvocations: 1, maxConcurrentActivityInvocations: 1}}
            """);
        await using var worker = new Worker(sidecar.Grpc);
        var starts = new[] { sidecar.StartAsync("con-1", "Con"), sidecar.StartAsync("con-2", "Con") };
        var first = (await worker.NextAsync(i => i.WorkflowRequest is not null, "turn")).WorkflowRequest.InstanceId;
        var second = first == "con-1" ? "con-2" : "con-1";
        // A round trip through the engine, in which the second turn would have come.
        await sidecar.GetAsync(second);
        Assert.Empty(worker.Unread);
        await worker.AnswerAsync(first, Actions.Task(0, "A"), Actions.Task(1, "B"));
        await worker.TurnAsync(second);
        var one = await worker.ActivityAsync(first);
        await sidecar.GetAsync(second);
        Assert.Empty(worker.Unread);
        await worker.AnswerActivityAsync(first, one.TaskId, "1");
        Assert.NotEqual(one.TaskId, (await worker.ActivityAsync(first)).TaskId);
        await worker.AnswerAsync(second);
        await Task.WhenAll(starts);
    }

    [Fact]
    public async Task Every_item_goes_to_exactly_one_of_two_workers_and_both_get_some()
    {
        using var folder = new TempFolder();
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        await using var one = new Worker(sidecar.Grpc);
        await using var two = new Worker(sidecar.Grpc);
        await Eventually.TrueAsync(async () => (int?)(await MetadataAsync(sidecar))["workflows"]?["connectedWorkers"] == 2);
        var ids = Enumerable.Range(0, 10).Select(i => $"two-{i}").ToArray();
        foreach (var id in ids)
        {
            var answer = await sidecar.Http.PostAsync(new Uri($"v1.0/workflows/dapr/Two/start?instanceID={id}", UriKind.Relative), null);
            Assert.Equal(System.Net.HttpStatusCode.Accepted, answer.StatusCode);
        }
        await Eventually.TrueAsync(() => Task.FromResult(one.Unread.Count + two.Unread.Count >= ids.Length));
        Assert.Equal(ids, one.Unread.Concat(two.Unread).Select(i => i.WorkflowRequest.InstanceId).Order());
        Assert.NotEmpty(one.Unread);
        Assert.NotEmpty(two.Unread);
    }

    [Fact]
    public async Task Metadata_tells_of_actors_and_workers_while_a_stream_is_open()
    {
        using var folder = new TempFolder();
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        Assert.Null((await MetadataAsync(sidecar))["workflows"]);
        await using (var worker = new Worker(sidecar.Grpc))
        {
            await Eventually.TrueAsync(async () => (int?)(await MetadataAsync(sidecar))["workflows"]?["connectedWorkers"] == 1);
            var actors = (await MetadataAsync(sidecar))["actors"]!.AsArray().Select(a => (string)a!["type"]!);
            Assert.Equal(["dapr.internal.default.wfapp.activity", "dapr.internal.default.wfapp.retentioner", "dapr.internal.default.wfapp.workflow"], actors);
        }
        await Eventually.TrueAsync(async () => (await MetadataAsync(sidecar))["workflows"] is null);
        Assert.Equal("RUNNING", (string)(await MetadataAsync(sidecar))["actorRuntime"]!["runtimeStatus"]!);
    }

    [Fact]
    public async Task Instances_are_listed_in_pages()
    {
        using var folder = new TempFolder();
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        foreach (var id in new[] { "list-0", "list-1", "list-2" })
            await sidecar.StartAsync(id, "L");
        var first = await sidecar.Grpc.UnaryAsync(TaskHubMethods.ListInstanceIDs, new ListInstanceIDsRequest { PageSize = 2 });
        var last = await sidecar.Grpc.UnaryAsync(TaskHubMethods.ListInstanceIDs, new ListInstanceIDsRequest { PageSize = 2, ContinuationToken = first.ContinuationToken });
        Assert.Equal(["list-0", "list-1"], first.InstanceIds);
        Assert.Equal(["list-2"], last.InstanceIds);
        Assert.False(last.HasContinuationToken);
    }

    [Fact]
    public async Task A_megabyte_goes_through_and_more_than_the_limit_is_refused_while_the_item_stays_out()
    {
        using var folder = new TempFolder();
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        await using var worker = new Worker(sidecar.Grpc);
        var input = new string('x', 1 << 20);
        var start = sidecar.StartAsync("big", "Big", input);
        Assert.Equal(input.Length, (await worker.TurnAsync("big")).NewEvents[1].ExecutionStarted.Input.Length);
        await worker.AnswerAsync("big", Actions.Task(0, "A", input));
        await start;
        await worker.ActivityAsync("big");
        var refused = await Assert.ThrowsAsync<RpcException>(() => worker.AnswerActivityAsync("big", 0, new string('y', 5 << 20)));
        Assert.Equal(StatusCode.ResourceExhausted, refused.Status);
        await worker.AnswerActivityAsync("big", 0, input);
        Assert.Equal(input.Length, (await worker.TurnAsync("big")).NewEvents[1].TaskCompleted.Result.Length);
    }

    [Fact]
    public async Task A_stalled_instance_goes_on_when_another_worker_connects()
    {
        using var folder = new TempFolder();
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        await using (var old = new Worker(sidecar.Grpc))
        {
            var start = sidecar.StartAsync("st", "Ver");
            await old.TurnAsync("st");
            await AnswerAsync(sidecar, ["p1"]);
            await start;
            await sidecar.RaiseAsync("st", "e");
            await old.TurnAsync("st");
            await AnswerAsync(sidecar, ["other"]);
            Assert.Equal(OrchestrationStatus.Stalled, (await sidecar.GetAsync("st"))!.WorkflowStatus);
        }
        await using var fixedWorker = new Worker(sidecar.Grpc);
        var again = await fixedWorker.TurnAsync("st");
        Assert.Equal("e", again.NewEvents[1].EventRaised.Name);
        await AnswerAsync(sidecar, ["p1", "p2"], Actions.Complete(0));
        Assert.Equal(OrchestrationStatus.Completed, (await sidecar.CompletionAsync("st")).WorkflowStatus);

        static Task AnswerAsync(TestSidecar sidecar, string[] patches, params WorkflowAction[] actions) => sidecar.Grpc.UnaryAsync(
            TaskHubMethods.CompleteWorkflowTask, new WorkflowResponse { InstanceId = "st", Version = new() { Patches = { patches } }, Actions = { actions } });
    }

    [Fact]
    public async Task Finished_instances_are_purged_when_their_retention_is_over()
    {
        using var folder = new TempFolder();
        await using var sidecar = await WorkflowHost.StartAsync(folder, """
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata: {name: retention}
            spec: {workflow: {stateRetentionPolicy: {completed: 1ms, anyTerminal: 1h}}}
            """);
        await using var worker = new Worker(sidecar.Grpc);
        foreach (var (id, status) in new[] { ("gone", OrchestrationStatus.Completed), ("kept", OrchestrationStatus.Failed) })
        {
            var start = sidecar.StartAsync(id, "W");
            await worker.TurnAsync(id);
            await worker.AnswerAsync(id, Actions.Complete(0, null, status));
            await start;
        }
        await Eventually.TrueAsync(async () => await sidecar.GetAsync("gone") is null);
        Assert.NotNull(await sidecar.GetAsync("kept"));
    }

    [Fact]
    public async Task Purge_by_filter_takes_finished_instances_of_the_status_and_the_span()
    {
        using var folder = new TempFolder();
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        await using var worker = new Worker(sidecar.Grpc);
        foreach (var (id, action) in new (string, WorkflowAction?)[] { ("ok", Actions.Complete(0)), ("bad", Actions.Complete(0, null, OrchestrationStatus.Failed)), ("runs", null) })
        {
            var start = sidecar.StartAsync(id, "W");
            await worker.TurnAsync(id);
            await worker.AnswerAsync(id, action is null ? [] : [action]);
            await start;
        }
        var filter = new PurgeInstanceFilter { CreatedTimeFrom = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddHours(-1)), RuntimeStatus = { OrchestrationStatus.Failed, OrchestrationStatus.Running } };
        var purged = await sidecar.Grpc.UnaryAsync(TaskHubMethods.PurgeInstances, new PurgeInstancesRequest { PurgeInstanceFilter = filter });
        Assert.Equal(1, purged.DeletedInstanceCount);
        Assert.Null(await sidecar.GetAsync("bad"));
        Assert.NotNull(await sidecar.GetAsync("ok"));
        Assert.NotNull(await sidecar.GetAsync("runs"));
    }

    [Fact]
    public async Task A_history_of_ten_thousand_events_is_sent_whole()
    {
        using var folder = new TempFolder();
        await using var sidecar = await WorkflowHost.StartAsync(folder);
        await using var worker = new Worker(sidecar.Grpc);
        var start = sidecar.StartAsync("long", "Long");
        await worker.TurnAsync("long");
        await worker.AnswerAsync("long", [.. Enumerable.Range(0, 5000).Select(i => Actions.Timer(i, TimeSpan.FromMinutes(-1)))]);
        await start;
        var fired = 0;
        WorkflowRequest turn;
        do
        {
            turn = await worker.TurnAsync("long");
            fired += turn.NewEvents.Count(e => e.TimerFired is not null);
            await worker.AnswerAsync("long");
        }
        while (fired < 5000);
        await sidecar.RaiseAsync("long", "end");
        turn = await worker.TurnAsync("long");
        Assert.True(turn.PastEvents.Count > 10_000);
        await worker.AnswerAsync("long", Actions.Complete(5000));
        Assert.Equal(OrchestrationStatus.Completed, (await sidecar.CompletionAsync("long")).WorkflowStatus);
    }

    private static async Task<JsonObject> MetadataAsync(TestSidecar sidecar) => (await sidecar.Http.GetFromJsonAsync<JsonObject>("v1.0/metadata"))!;
}
