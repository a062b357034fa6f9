using System.Globalization;
using System.Text.Json.Nodes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resources;
using LocalDapr.Runtime.Workflows.Engine;

namespace LocalDapr.Runtime.Workflows;

/// <summary>Workflows of one sidecar (contract section 15): instances belong to its app id.</summary>
internal sealed class WorkflowsFeature(SidecarContext context) : ISidecarFeature
{
    private static readonly string[] ActorTypes = ["activity", "retentioner", "workflow"];

    private WorkflowEngine? engine;

    public string AppId => context.Options.AppId;

    /// <summary>Null without a state store for actors.</summary>
    public WorkflowEngine? Engine => engine;

    /// <summary>Ends the open streams of workers and all waits.</summary>
    public CancellationToken Stopping => context.Stopping;

    public Task WorkAllowed => context.Runtime.WorkAllowed;

    public Task ApplyAsync(ResourceSet resources, CancellationToken cancellation)
    {
        if (ActorStore.Find(resources) is not { } store)
        {
            engine = null;
            return Task.CompletedTask;
        }
        var engines = context.Runtime.Shared(runtime => new WorkflowEngines(runtime, context.Loggers));
        engine = engines.Open(ActorStore.FileOf(store, context.Runtime.Options, context.Options.WorkingDirectory));
        var limits = new WorkLimits(Limit("maxConcurrentWorkflowInvocations"), Limit("maxConcurrentActivityInvocations"));
        engine.Configure(AppId, limits, RetentionPolicy.Read(context.Configuration));
        return Task.CompletedTask;
    }

    public void Map(ApiRoutes http, GrpcServices grpc)
    {
        var calls = new WorkflowCalls(this);
        WorkflowHttp.Map(http, calls);
        WorkflowGrpc.Map(grpc, calls);
        new TaskHubService(this).Map(grpc);
    }

    public void Describe(JsonObject metadata)
    {
        var runtime = new JsonObject
        {
            ["runtimeStatus"] = engine is null ? "DISABLED" : "RUNNING",
            ["hostReady"] = engine is not null,
            ["placement"] = engine is null ? "placement: disconnected" : "placement: connected",
        };
        metadata["actorRuntime"] = runtime;
        var workers = engine?.Workers(AppId) ?? 0;
        if (workers == 0)
            return;
        metadata["actors"] = Actors();
        runtime["activeActors"] = Actors();
        metadata["workflows"] = new JsonObject { ["connectedWorkers"] = workers };
    }

    private JsonArray Actors()
    {
        var space = context.Options.Namespace is { Length: > 0 } name ? name : "default";
        return new([.. ActorTypes.Select(t => (JsonNode)new JsonObject { ["type"] = $"dapr.internal.{space}.{AppId}.{t}" })]);
    }

    private int? Limit(string name) =>
        context.Configuration.Spec.Text($"workflow.{name}") is { } text && int.TryParse(text, CultureInfo.InvariantCulture, out var limit) && limit > 0 ? limit : null;
}
