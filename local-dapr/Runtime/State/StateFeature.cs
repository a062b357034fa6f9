using System.Collections.Concurrent;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resources;
using LocalDapr.Runtime.State.Outbox;
using LocalDapr.Runtime.State.Stores;

namespace LocalDapr.Runtime.State;

/// <summary>State stores and their API: state.in-memory and state.sqlite as declared, every state.* by the built-in engine with embedded backends.</summary>
internal sealed class StateFeature(SidecarContext context) : ISidecarFeature
{
    private static readonly string[] InMemory = ["ETAG", "TRANSACTIONAL", "TTL", "DELETE_WITH_PREFIX", "KEYS_LIKE", "ACTOR"];
    private static readonly string[] Sql = ["ETAG", "TRANSACTIONAL", "TTL", "KEYS_LIKE", "ACTOR"];

    private readonly ConcurrentDictionary<string, StateComponent> stores = new(StringComparer.Ordinal);
    private volatile bool outboxesRun;

    public bool Loads(string componentType) => componentType.StartsWith("state.", StringComparison.Ordinal);

    public async Task LoadAsync(Component component, CancellationToken cancellation)
    {
        var prefix = KeyPrefix.Of(component, context.Options);
        var memory = component.Type == "state.in-memory";
        var embedded = context.Runtime.Options.Backends == Backends.Embedded;
        IStateStore store = (embedded, component.Type) switch
        {
            (true, _) => await context.Runtime.Shared(runtime => new EmbeddedState(runtime)).OpenAsync(component.Name),
            (_, "state.in-memory") => new MemoryStateStore(context.Time),
            (_, "state.sqlite" or "state.sqlite3") => SqliteStateOptions.Open(component, context),
            _ => throw component.Spec.Error($"the state store `{component.Type}` is not served by this runtime as declared", "Use --backends embedded, state.sqlite or state.in-memory, or run the real Dapr."),
        };
        try
        {
            if (!embedded)
                component.Spec.RequireVersion("v1");
            var encryption = StateEncryption.Of(component);
            var outbox = StateOutbox.Of(component, store, encryption, context);
            stores[component.Name] = new StateComponent(component.Name, prefix, store, isInMemory: memory && !embedded, writesLikeGo: !embedded && !memory, encryption, outbox, context);
            if (outboxesRun)
                outbox?.Start();
        }
        catch
        {
            // Its timer would go on, and find the database closed.
            await store.DisposeAsync();
            throw;
        }
    }

    public void StartOutboxes()
    {
        outboxesRun = true;
        foreach (var store in stores.Values)
            store.StartOutbox();
    }

    public async Task StopOutboxesAsync()
    {
        foreach (var store in stores.Values)
            await store.StopOutboxAsync();
    }

    public async Task UnloadAsync(string componentName)
    {
        if (stores.TryRemove(componentName, out var store))
            await store.DisposeAsync();
    }

    public IReadOnlyList<string> Capabilities(string componentName) => stores.TryGetValue(componentName, out var store) && store.IsInMemory ? InMemory : Sql;

    public void Map(ApiRoutes http, GrpcServices grpc)
    {
        new StateHttp(Find).Map(http);
        new StateGrpc(Find).Map(grpc);
    }

    private StateComponent Find(string name)
    {
        if (stores.TryGetValue(name, out var store))
            return store;
        throw stores.IsEmpty ? StateErrors.NotConfigured(context.Options.AppId) : StateErrors.NotFound(name, context.Options.AppId);
    }
}
