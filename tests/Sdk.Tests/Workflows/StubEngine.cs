using System.Threading.Channels;
using Dapr.Workflow;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Protocol.TaskHub;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LocalDapr.Sdk.Tests.Workflows;

/// <summary>The gRPC face of an engine: hands out what a test gives it, and shows what the worker answers.</summary>
internal sealed class StubEngine
{
    private readonly Channel<WorkItem> items = Channel.CreateUnbounded<WorkItem>();
    private readonly Channel<WorkflowResponse> turns = Channel.CreateUnbounded<WorkflowResponse>();
    private readonly Channel<ActivityResponse> activities = Channel.CreateUnbounded<ActivityResponse>();
    private readonly Channel<Metadata> streams = Channel.CreateUnbounded<Metadata>();

    private readonly Channel<Empty> greetings = Channel.CreateUnbounded<Empty>();
    private TaskCompletionSource? refusal;

    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(20);

    public void Register(GrpcServices services) => services
        .Unary(TaskHubMethods.Hello, (greeting, _) => { greetings.Writer.TryWrite(greeting); return Task.FromResult(new Empty()); })
        .Unary(TaskHubMethods.CompleteOrchestratorTask, (r, _) => { turns.Writer.TryWrite(r); return Task.FromResult(new CompleteTaskResponse()); })
        .Unary(TaskHubMethods.CompleteActivityTask, (r, _) =>
        {
            if (Interlocked.Exchange(ref refusal, null) is { } refused)
            {
                refused.SetResult();
                throw new RpcException(StatusCode.Unavailable, "not now");
            }
            activities.Writer.TryWrite(r);
            return Task.FromResult(new CompleteTaskResponse());
        })
        .ServerStream(TaskHubMethods.GetWorkItems, async (_, writer, context) =>
        {
            await context.SendHeadersAsync();
            streams.Writer.TryWrite(context.RequestHeaders);
            await foreach (var item in items.Reader.ReadAllAsync(context.CancellationToken))
                await writer.WriteAsync(item);
        });

    /// <summary>Refuses the next answer of an activity, and completes with that.</summary>
    public Task RefuseOneAsync()
    {
        refusal = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return refusal.Task.WaitAsync(Patience);
    }

    public void Send(WorkItem item) => items.Writer.TryWrite(item);

    public void SendTurn(string instanceId, params HistoryEvent[] events)
    {
        var request = new WorkflowRequest { InstanceId = instanceId, NewEvents = { new HistoryEvent { EventId = -1, Timestamp = Timestamp.FromDateTime(DateTime.UnixEpoch), WorkflowStarted = new() } } };
        request.NewEvents.AddRange(events);
        Send(new() { WorkflowRequest = request, CompletionToken = "token-" + instanceId });
    }

    public async Task<WorkflowResponse> TurnAsync() => await turns.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    public async Task<ActivityResponse> ActivityAsync() => await activities.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    public async Task HelloAsync() => await greetings.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    public async Task<Metadata> StreamAsync() => await streams.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    public static async Task<IHost> WorkerAsync(string grpcEndpoint, Action<WorkflowRuntimeOptions> register, Action<IServiceCollection>? services = null,
        params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("DAPR_GRPC_ENDPOINT", grpcEndpoint), new("DAPR_API_TOKEN", "tok"),
            .. settings.Select(s => KeyValuePair.Create<string, string?>(s.Key, s.Value))]);
        builder.Services.AddDaprWorkflow(register);
        services?.Invoke(builder.Services);
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }
}
