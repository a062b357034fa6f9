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
}
