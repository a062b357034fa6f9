using Dapr.Proto.Runtime.V1;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;
using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Tests.Fuzz;

public sealed class WorkerFuzzTests(ITestOutputHelper output)
{
    private const int Instances = 200;

    [Fact(Timeout = 60_000)]
    public async Task A_worker_that_answers_nonsense_harms_no_other_instance()
    {
        output.WriteLine(FuzzSeed.Hint);
        await using var sidecar = await FuzzedSidecar.StartAsync(Backends.Embedded);
        using var channel = sidecar.CreateChannel();
        var random = FuzzSeed.For("worker");
        var messages = new RandomMessage(random, ["A", "W"], "i1", "i2", "myapp");
        var broken = new List<string>();
        var answered = new HashSet<string>();
        for (var i = 0; i < Instances; i++)
            await channel.UnaryAsync(DaprMethods.StartWorkflowBeta1, new StartWorkflowRequest { InstanceId = $"i{i}", WorkflowName = "W" });
        await foreach (var item in WorkAsync(channel))
        {
            if (item.WorkflowRequest is { } turn)
            {
                var answer = (WorkflowResponse)messages.Create(WorkflowResponse.Descriptor);
                (answer.InstanceId, answer.CompletionToken) = (turn.InstanceId, item.CompletionToken);
                await TryAsync(TaskHubMethods.CompleteWorkflowTask, answer);
                answered.Add(turn.InstanceId);
            }
            else if (item.ActivityRequest is { } activity)
            {
                var answer = (ActivityResponse)messages.Create(ActivityResponse.Descriptor);
                (answer.InstanceId, answer.TaskId, answer.CompletionToken) = (activity.WorkflowInstance.InstanceId, activity.TaskId, item.CompletionToken);
                await TryAsync(TaskHubMethods.CompleteActivityTask, answer);
            }
            if (answered.Count >= Instances)
                break;
        }
        FuzzSeed.AssertNone(broken, Instances);
        await CompleteAsync(channel, "right");
        channel.Dispose();
        await sidecar.AssertUnharmedAsync();

        async Task TryAsync<TReq>(Method<TReq, CompleteTaskResponse> method, TReq answer)
            where TReq : Google.Protobuf.IMessage<TReq>
        {
            try
            {
                await channel.UnaryAsync(method, answer, new() { Timeout = RawConnection.Bound });
            }
            catch (RpcException failure)
            {
                broken.Add($"{failure.Message}\n  to {answer}");
            }
        }
    }

    private static IAsyncEnumerable<WorkItem> WorkAsync(GrpcChannel channel) =>
        channel.ServerStreamAsync(TaskHubMethods.GetWorkItems, new(), new() { CancellationToken = TestContext.Current.CancellationToken });

    /// <summary>A worker that does as it should takes an instance to its end, whatever else is left over.</summary>
    private static async Task CompleteAsync(GrpcChannel channel, string id)
    {
        await channel.UnaryAsync(DaprMethods.StartWorkflowBeta1, new StartWorkflowRequest { InstanceId = id, WorkflowName = "W" });
        await foreach (var item in WorkAsync(channel))
        {
            if (item.WorkflowRequest?.InstanceId != id)
                continue;
            var end = new WorkflowAction { Id = 0, CompleteWorkflow = new() { WorkflowStatus = OrchestrationStatus.Completed, Result = "1" } };
            await channel.UnaryAsync(TaskHubMethods.CompleteWorkflowTask, new WorkflowResponse { InstanceId = id, CompletionToken = item.CompletionToken, Actions = { end } });
            break;
        }
        var state = await channel.UnaryAsync(TaskHubMethods.GetInstance, new GetInstanceRequest { InstanceId = id });
        Assert.Equal(OrchestrationStatus.Completed, state.WorkflowState.WorkflowStatus);
    }
}
