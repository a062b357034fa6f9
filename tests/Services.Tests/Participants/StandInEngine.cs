using System.Collections.Concurrent;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;

namespace Quayside.Services.Tests.Participants;

/// <summary>The workflow instances that a sidecar knows of, as a test says; it runs none of them.</summary>
internal sealed class StandInEngine
{
    private int reads;

    /// <summary>By instance id.</summary>
    public ConcurrentDictionary<string, WorkflowState> Instances { get; } = new();

    public ConcurrentQueue<string> Started { get; } = new();

    public int Reads => reads;

    public void Serve(GrpcServices services)
    {
        services.Unary(TaskHubMethods.GetInstance, (request, _) =>
        {
            Interlocked.Increment(ref reads);
            return Task.FromResult(Instances.TryGetValue(request.InstanceId, out var state)
                ? new GetInstanceResponse { Exists = true, WorkflowState = state }
                : new GetInstanceResponse());
        });
        services.Unary(TaskHubMethods.StartInstance, (request, _) =>
        {
            Started.Enqueue(request.InstanceId);
            return Task.FromResult(new CreateInstanceResponse { InstanceId = request.InstanceId });
        });
        services.Unary(TaskHubMethods.GetInstanceHistory, (request, _) =>
        {
            var events = new[] { new HistoryEvent { WorkflowStarted = new() }, new HistoryEvent { ExecutionStarted = new() { Name = "OrderSaga", Input = "secret" } } };
            return Task.FromResult(new GetInstanceHistoryResponse { Events = { events } });
        });
        services.Unary(TaskHubMethods.ListInstanceIDs, (request, _) =>
        {
            if (request.ContinuationToken is not "" && !int.TryParse(request.ContinuationToken, out var _)) throw new RpcException(StatusCode.InvalidArgument, "no token");
            var after = request.ContinuationToken is "" ? 0 : int.Parse(request.ContinuationToken, System.Globalization.CultureInfo.InvariantCulture);
            var ids = Instances.Keys.Order(StringComparer.Ordinal).Skip(after).ToList();
            var answer = new ListInstanceIDsResponse { InstanceIds = { ids.Take((int)request.PageSize) } };
            if (ids.Count > request.PageSize) answer.ContinuationToken = (after + request.PageSize).ToString(System.Globalization.CultureInfo.InvariantCulture);
            return Task.FromResult(answer);
        });
    }
}
