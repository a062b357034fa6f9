using Dapr.Workflow;
using Dapr.Workflow.Client;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LocalDapr.Sdk.Tests.Workflows;

public class ClientCalls
{
    private static async Task UseAsync(Action<GrpcServices> engine, Func<DaprWorkflowClient, Task> test)
    {
        await using var sidecar = await FakeSidecar.StartAsync(engine);
        var services = new ServiceCollection().AddLogging()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new("DAPR_GRPC_ENDPOINT", sidecar.GrpcEndpoint)]).Build())
            .AddDaprWorkflow(_ => { });
        await using var provider = services.BuildServiceProvider();
        await test(provider.GetRequiredService<DaprWorkflowClient>());
    }

    [Fact]
    public async Task A_start_carries_id_input_time_and_trace()
    {
        var seen = new List<CreateInstanceRequest>();
        await UseAsync(s => s.Unary(TaskHubMethods.StartInstance, (r, _) => { seen.Add(r); return Task.FromResult(new CreateInstanceResponse { InstanceId = r.InstanceId }); }), async client =>
        {
            using var span = new System.Diagnostics.Activity("t").SetIdFormat(System.Diagnostics.ActivityIdFormat.W3C).Start();
            Assert.Equal("o-1", await client.ScheduleNewWorkflowAsync("OrderSaga", "o-1", new { A = 1 }));
            var at = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.FromHours(1));
            Assert.True(Guid.TryParse(await client.ScheduleNewWorkflowAsync("OrderSaga", null, null, at), out var made));

            Assert.Equal(("OrderSaga", """{"a":1}""", span.Id), (seen[0].Name, seen[0].Input, seen[0].ParentTraceContext.TraceParent));
            Assert.Null(seen[0].ScheduledStartTimestamp);
            Assert.Equal(("", at.UtcDateTime), (seen[1].Input, seen[1].ScheduledStartTimestamp.ToDateTime()));
        });
    }

    [Fact]
    public async Task A_state_is_read_and_a_missing_one_is_told()
    {
        await UseAsync(s => s.Unary(TaskHubMethods.GetInstance, (r, _) => r.InstanceId switch
        {
            "gone" => Task.FromResult(new GetInstanceResponse()),
            "lost" => throw new RpcException(StatusCode.NotFound, "no"),
            "bad" => throw new RpcException(StatusCode.Internal, "no"),
            _ => Task.FromResult(new GetInstanceResponse { Exists = true, WorkflowState = new() { InstanceId = r.InstanceId, Name = "W", WorkflowStatus = OrchestrationStatus.Failed, Input = "1", Output = "", CustomStatus = "\"s\"", FailureDetails = new() { ErrorType = "E", ErrorMessage = "m" } } }),
        }), async client =>
        {
            var state = await client.GetWorkflowStateAsync("x");
            Assert.Equal((true, WorkflowRuntimeStatus.Failed, true, false, "W", 1, null, "s", "E"), (state.Exists, state.RuntimeStatus, state.IsWorkflowCompleted, state.IsWorkflowRunning, state.WorkflowName, state.ReadInputAs<int>(), state.ReadOutputAs<string>(), state.ReadCustomStatusAs<string>(), state.FailureDetails!.ErrorType));
            Assert.Equal((false, WorkflowRuntimeStatus.Unknown), ((await client.GetWorkflowStateAsync("gone")).Exists, (await client.GetWorkflowStateAsync("lost")).RuntimeStatus));
            await Assert.ThrowsAsync<RpcException>(() => client.GetWorkflowStateAsync("bad"));
        });
    }

    [Fact]
    public async Task A_wait_outlives_a_missing_sidecar()
    {
        var tries = 0;
        await UseAsync(s => s
            .Unary(TaskHubMethods.WaitForInstanceCompletion, (r, _) => ++tries < 3 ? throw new RpcException(StatusCode.Unavailable, "no") : Task.FromResult(new GetInstanceResponse { Exists = true, WorkflowState = new() }))
            .Unary(TaskHubMethods.WaitForInstanceStart, (_, _) => Task.FromResult(new GetInstanceResponse()))
            .Unary(TaskHubMethods.GetInstance, (_, _) => Task.FromResult(new GetInstanceResponse { Exists = true, WorkflowState = new() { Output = "5" } })), async client =>
        {
            Assert.Equal(5, (await client.WaitForWorkflowCompletionAsync("x")).ReadOutputAs<int>());
            Assert.Equal(3, tries);
            await Assert.ThrowsAsync<InvalidOperationException>(() => client.WaitForWorkflowStartAsync("x"));
        });
    }

    [Fact]
    public async Task Steering_calls_reach_the_engine()
    {
        var seen = new List<string>();
        Task<T> Note<T>(object request, T answer)
        {
            seen.Add($"{request}");
            return Task.FromResult(answer);
        }
        await UseAsync(s => s
            .Unary(TaskHubMethods.RaiseEvent, (r, _) => Note(r, new RaiseEventResponse()))
            .Unary(TaskHubMethods.TerminateInstance, (r, _) => Note(r, new TerminateResponse()))
            .Unary(TaskHubMethods.SuspendInstance, (r, _) => Note(r, new SuspendResponse()))
            .Unary(TaskHubMethods.ResumeInstance, (r, _) => Note(r, new ResumeResponse()))
            .Unary(TaskHubMethods.PurgeInstances, (r, _) => Note(r, new PurgeInstancesResponse { DeletedInstanceCount = 1 }))
            .Unary(TaskHubMethods.ListInstanceIDs, (r, _) => Note(r, new ListInstanceIDsResponse { InstanceIds = { "a" }, ContinuationToken = "next" }))
            .Unary(TaskHubMethods.GetInstanceHistory, (r, _) => Note(r, new GetInstanceHistoryResponse { Events = { new HistoryEvent { EventId = 4, TimerCreated = new() } } }))
            .Unary(TaskHubMethods.RerunWorkflowFromEvent, (r, _) => Note(r, new RerunWorkflowFromEventResponse { NewInstanceID = "new" })), async client =>
        {
            await client.RaiseEventAsync("i", "go", 1);
            await client.TerminateWorkflowAsync("i", "out");
            await client.SuspendWorkflowAsync("i", "why");
            await client.ResumeWorkflowAsync("i");
            Assert.True(await client.PurgeInstanceAsync("i"));
            var page = await client.ListInstanceIdsAsync(pageSize: 5);
            Assert.Equal(("a", "next"), (page.InstanceIds.Single(), page.ContinuationToken));
            Assert.Equal(new WorkflowHistoryEvent(4, WorkflowHistoryEventType.TimerCreated, default), Assert.Single(await client.GetInstanceHistoryAsync("i")));
            Assert.Equal("new", await client.RerunWorkflowFromEventAsync("i", 3, new() { Input = 2, OverwriteInput = true }));
        });

        Assert.Equal(
        [
            """{ "instanceId": "i", "name": "go", "input": "1" }""",
            """{ "instanceId": "i", "output": "\"out\"", "recursive": true }""",
            """{ "instanceId": "i", "reason": "why" }""",
            """{ "instanceId": "i", "reason": "" }""",
            """{ "instanceId": "i", "recursive": true }""",
            """{ "pageSize": 5 }""",
            """{ "instanceId": "i" }""",
            """{ "sourceInstanceID": "i", "eventID": 3, "input": "2", "overwriteInput": true }""",
        ], seen);
    }

    [Theory]
    [InlineData(OrchestrationStatus.Running, true, false)]
    [InlineData(OrchestrationStatus.Completed, false, true)]
    [InlineData(OrchestrationStatus.ContinuedAsNew, false, false)]
    [InlineData(OrchestrationStatus.Failed, false, true)]
    [InlineData(OrchestrationStatus.Canceled, false, false)]
    [InlineData(OrchestrationStatus.Terminated, false, true)]
    [InlineData(OrchestrationStatus.Pending, false, false)]
    [InlineData(OrchestrationStatus.Suspended, false, false)]
    [InlineData(OrchestrationStatus.Stalled, false, false)]
    public async Task A_status_says_whether_the_instance_runs_or_has_ended(OrchestrationStatus status, bool running, bool completed) =>
        await UseAsync(s => s.Unary(TaskHubMethods.GetInstance, (_, _) => Task.FromResult(new GetInstanceResponse { Exists = true, WorkflowState = new() { WorkflowStatus = status } })), async client =>
        {
            var state = await client.GetWorkflowStateAsync("x");
            Assert.Equal((status.ToString(), running, completed), (state.RuntimeStatus.ToString(), state.IsWorkflowRunning, state.IsWorkflowCompleted));
        });

    [Fact]
    public async Task A_start_time_without_a_kind_is_local_time()
    {
        CreateInstanceRequest? seen = null;
        await UseAsync(s => s.Unary(TaskHubMethods.StartInstance, (r, _) => { seen = r; return Task.FromResult(new CreateInstanceResponse { InstanceId = r.InstanceId }); }), async client =>
        {
            var id = await client.ScheduleNewWorkflowAsync("W", null, null, new DateTime(2030, 1, 1));
            Assert.Equal(new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Local).ToUniversalTime(), seen!.ScheduledStartTimestamp.ToDateTime());
            Assert.True(Guid.TryParseExact(id, "D", out _));
        });
    }

    [Fact]
    public async Task Names_and_ids_have_to_be_given_and_nothing_purged_is_told() =>
        await UseAsync(s => s.Unary(TaskHubMethods.PurgeInstances, (_, _) => Task.FromResult(new PurgeInstancesResponse())), async client =>
        {
            Assert.False(await client.PurgeInstanceAsync("x"));
            await Assert.ThrowsAnyAsync<ArgumentException>(() => client.ScheduleNewWorkflowAsync(""));
            await Assert.ThrowsAnyAsync<ArgumentException>(() => client.GetWorkflowStateAsync(""));
            await Assert.ThrowsAnyAsync<ArgumentException>(() => client.RaiseEventAsync("x", ""));
            await Assert.ThrowsAnyAsync<ArgumentException>(() => client.TerminateWorkflowAsync(null!));
        });

    [Fact]
    public async Task History_events_have_the_names_of_the_official_package() =>
        await UseAsync(s => s.Unary(TaskHubMethods.GetInstanceHistory, (_, _) => Task.FromResult(new GetInstanceHistoryResponse
        {
            Events = { new HistoryEvent { WorkflowStarted = new() }, new HistoryEvent { ChildWorkflowInstanceCreated = new() }, new HistoryEvent { ChildWorkflowInstanceCompleted = new() }, new HistoryEvent { ChildWorkflowInstanceFailed = new() }, new HistoryEvent { ExecutionStalled = new() }, new HistoryEvent() },
        })), async client => Assert.Equal(
            [WorkflowHistoryEventType.OrchestratorStarted, WorkflowHistoryEventType.SubOrchestrationInstanceCreated, WorkflowHistoryEventType.SubOrchestrationInstanceCompleted, WorkflowHistoryEventType.SubOrchestrationInstanceFailed, WorkflowHistoryEventType.ExecutionStalled, WorkflowHistoryEventType.Unknown],
            (await client.GetInstanceHistoryAsync("x")).Select(e => e.EventType)));

    [Fact]
    public void Start_options_are_built_step_by_step()
    {
        var at = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        StartWorkflowOptions options = new StartWorkflowOptionsBuilder().WithInstanceId("i").StartAt(at);
        Assert.Equal(("i", at), (options.InstanceId, options.StartAt));
        Assert.InRange(new StartWorkflowOptionsBuilder().StartAfter(TimeSpan.FromHours(1)).Build().StartAt!.Value, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddHours(1));
    }
}
