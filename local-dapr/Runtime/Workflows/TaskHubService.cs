using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;
using LocalDapr.Runtime.Workflows.Engine;

namespace LocalDapr.Runtime.Workflows;

/// <summary>TaskHubSidecarService: the workers' and clients' side of the engine, as SDKs speak it (Dapr 1.18).</summary>
internal sealed class TaskHubService(WorkflowsFeature feature)
{
    private static readonly Marshaller<WorkFrame> Frames = new(f => f.Size, (f, target) => f.WriteTo(target), _ => throw new NotSupportedException());

    private string App => feature.AppId;

    public void Map(GrpcServices grpc)
    {
        grpc.Unary(TaskHubMethods.Hello, (_, _) => Task.FromResult(new Empty()));
        grpc.Duplex(TaskHubMethods.GetWorkItems.FullName, Marshaller.Bytes, Frames, (_, items, call) => SendWorkAsync(items, call));
        Serve(grpc, TaskHubMethods.CompleteActivityTask, async (engine, request, _) =>
        {
            await engine.CompleteActivityAsync(App, request);
            return new CompleteTaskResponse();
        });
        foreach (var method in new[] { TaskHubMethods.CompleteOrchestratorTask, TaskHubMethods.CompleteWorkflowTask })
        {
            Serve(grpc, method, async (engine, request, _) =>
            {
                await engine.CompleteTurnAsync(App, request);
                return new CompleteTaskResponse();
            });
        }
        Serve(grpc, TaskHubMethods.StartInstance, async (engine, request, cancellation) =>
        {
            var order = new StartOrder(App, request.InstanceId, request.Name, request.Input, request.ScheduledStartTimestamp, request.ParentTraceContext);
            await engine.StartAsync(order, wait: true, cancellation);
            return new CreateInstanceResponse { InstanceId = request.InstanceId };
        });
        Serve(grpc, TaskHubMethods.GetInstance, (engine, request, _) => Task.FromResult(Answer(engine.Get(App, request.InstanceId, request.GetInputsAndOutputs))));
        Serve(grpc, TaskHubMethods.WaitForInstanceStart, async (engine, request, cancellation) =>
            Answer(await engine.WaitAsync(App, request.InstanceId, request.GetInputsAndOutputs, s => s is not (OrchestrationStatus.Pending or OrchestrationStatus.Stalled), cancellation)));
        Serve(grpc, TaskHubMethods.WaitForInstanceCompletion, async (engine, request, cancellation) =>
            Answer(await engine.WaitAsync(App, request.InstanceId, request.GetInputsAndOutputs, Statuses.IsFinished, cancellation)));
        Serve(grpc, TaskHubMethods.RaiseEvent, async (engine, request, _) =>
        {
            await engine.RaiseEventAsync(App, request.InstanceId, request.Name, request.Input);
            return new RaiseEventResponse();
        });
        Serve(grpc, TaskHubMethods.TerminateInstance, async (engine, request, cancellation) =>
        {
            await engine.TerminateAsync(App, request.InstanceId, request.Output, request.Recursive, wait: true, cancellation);
            return new TerminateResponse();
        });
        Serve(grpc, TaskHubMethods.SuspendInstance, async (engine, request, cancellation) =>
        {
            await engine.SuspendAsync(App, request.InstanceId, request.Reason, wait: true, cancellation);
            return new SuspendResponse();
        });
        Serve(grpc, TaskHubMethods.ResumeInstance, async (engine, request, cancellation) =>
        {
            await engine.ResumeAsync(App, request.InstanceId, request.Reason, wait: true, cancellation);
            return new ResumeResponse();
        });
        Serve(grpc, TaskHubMethods.PurgeInstances, async (engine, request, _) => new PurgeInstancesResponse
        {
            DeletedInstanceCount = request.PurgeInstanceFilter is { } filter
                ? await engine.PurgeAsync(App, filter, request.Recursive, request.Force)
                : await engine.PurgeAsync(App, request.InstanceId, request.Recursive, request.Force),
        });
        Serve(grpc, TaskHubMethods.GetInstanceHistory, (engine, request, _) =>
        {
            var response = new GetInstanceHistoryResponse();
            response.Events.AddRange(engine.GetHistory(App, request.InstanceId)
                ?? throw new RpcException(StatusCode.NotFound, $"workflow instance '{request.InstanceId}' not found"));
            return Task.FromResult(response);
        });
        Serve(grpc, TaskHubMethods.ListInstanceIDs, (engine, request, _) =>
        {
            var (ids, token) = engine.List(App, request.ContinuationToken, request.HasPageSize ? (int)Math.Min(request.PageSize, int.MaxValue - 1) : null);
            var response = new ListInstanceIDsResponse { InstanceIds = { ids } };
            if (token is not null)
                response.ContinuationToken = token;
            return Task.FromResult(response);
        });
        Serve(grpc, TaskHubMethods.RerunWorkflowFromEvent, RerunAsync);
    }

    private static GetInstanceResponse Answer(WorkflowState? state) => new() { Exists = state is not null, WorkflowState = state };

    /// <summary>As daprd has it: an unknown instance and one in the wrong state are UNKNOWN.</summary>
    private static RpcException ToRpc(WorkflowException failure) => new(failure.Failure switch
    {
        WorkflowFailure.AlreadyExists => StatusCode.AlreadyExists,
        WorkflowFailure.NoSuchEvent => StatusCode.NotFound,
        WorkflowFailure.Invalid => StatusCode.InvalidArgument,
        WorkflowFailure.Unavailable => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    }, failure.Message);

    private async Task<RerunWorkflowFromEventResponse> RerunAsync(WorkflowEngine engine, RerunWorkflowFromEventRequest request, CancellationToken cancellation)
    {
        var id = request.HasNewInstanceID && request.NewInstanceID.Length > 0 ? request.NewInstanceID : Guid.NewGuid().ToString();
        try
        {
            await engine.RerunAsync(App, request.SourceInstanceID, (int)request.EventID, id, request.Input, request.OverwriteInput);
        }
        catch (WorkflowException failure) when (failure.Failure == WorkflowFailure.NotFound)
        {
            throw new RpcException(StatusCode.NotFound, failure.Message);
        }
        return new() { NewInstanceID = id };
    }

    private async Task SendWorkAsync(IServerStreamWriter<WorkFrame> items, ServerCallContext call)
    {
        var engine = Engine();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, feature.Stopping);
        await call.SendHeadersAsync();
        await feature.WorkAllowed.WaitAsync(ending.Token);
        var stream = engine.Enter(App);
        try
        {
            while (true)
                await items.WriteAsync(await engine.TakeAsync(stream, ending.Token), ending.Token);
        }
        catch (OperationCanceledException) when (feature.Stopping.IsCancellationRequested)
        {
        }
        finally
        {
            engine.Leave(stream);
        }
    }

    private WorkflowEngine Engine() => feature.Engine
        ?? throw new RpcException(StatusCode.FailedPrecondition, "workflows need a state store whose metadata says actorStateStore: \"true\", in the scope of this app");

    private void Serve<TReq, TRes>(GrpcServices grpc, Method<TReq, TRes> method, Func<WorkflowEngine, TReq, CancellationToken, Task<TRes>> handler)
        where TReq : IMessage<TReq>
        where TRes : IMessage<TRes> =>
        grpc.Unary(method, async (request, call) =>
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, feature.Stopping);
            try
            {
                return await handler(Engine(), request, ending.Token);
            }
            catch (WorkflowException failure)
            {
                throw ToRpc(failure);
            }
            catch (OperationCanceledException) when (feature.Stopping.IsCancellationRequested)
            {
                throw new RpcException(StatusCode.Unavailable, "the sidecar is stopping");
            }
        });
}
