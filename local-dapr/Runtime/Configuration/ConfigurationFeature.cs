using System.Collections.Concurrent;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Configuration;

/// <summary>Configuration stores and their API (contract section 11), served by the built-in engine: see <see cref="ConfigurationFile"/>.</summary>
internal sealed class ConfigurationFeature(SidecarContext context) : ISidecarFeature
{
    private readonly ConcurrentDictionary<string, ConfigurationFile> stores = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConfigurationSubscription> subscriptions = new(StringComparer.Ordinal);

    public bool Loads(string componentType) => componentType.StartsWith("configuration.", StringComparison.Ordinal);

    public Task LoadAsync(Component component, CancellationToken cancellation)
    {
        if (context.Runtime.Options.Backends == Backends.Declared)
            throw component.Spec.Error($"the configuration store `{component.Type}` is not served by this runtime as declared", "Use --backends embedded, or run the real Dapr.");
        stores[component.Name] = context.Runtime.Shared(runtime => new EmbeddedConfiguration(runtime, context.Loggers.CreateLogger("dapr.configuration"))).Open(component.Name);
        return Task.CompletedTask;
    }

    public Task UnloadAsync(string componentName)
    {
        stores.TryRemove(componentName, out _);
        foreach (var subscription in subscriptions.Values.Where(s => s.Store == componentName))
            Unsubscribe(componentName, subscription.Id);
        return Task.CompletedTask;
    }

    public void Map(ApiRoutes http, GrpcServices grpc)
    {
        new ConfigurationHttp(this, context).Map(http);
        new ConfigurationGrpc(this).Map(grpc);
    }

    public Task StopAsync()
    {
        foreach (var subscription in subscriptions.Values)
            Unsubscribe(subscription.Store, subscription.Id);
        return Task.CompletedTask;
    }

    /// <summary>The entries of the keys that exist; of all when none is named. Empty values are left out, as configuration.redis does.</summary>
    public async Task<IReadOnlyDictionary<string, ConfigurationEntry>> GetAsync(string store, IReadOnlyCollection<string> keys, CancellationToken cancellation)
    {
        var file = Find(store);
        return await context.Policies.Outbound(store, "Configuration").ExecuteAsync(_ =>
        {
            var entries = file.Entries;
            var found = (keys.Count == 0 ? entries.Keys : keys)
                .Distinct()
                .Where(key => entries.TryGetValue(key, out var entry) && entry.Value.Length > 0)
                .ToDictionary(key => key, key => entries[key], StringComparer.Ordinal);
            return Task.FromResult(found);
        }, cancellation);
    }

    public ConfigurationSubscription Subscribe(string store, IEnumerable<string> keys)
    {
        var subscription = new ConfigurationSubscription(store, Find(store), keys);
        subscriptions[subscription.Id] = subscription;
        return subscription;
    }

    /// <summary>False when there is no such subscription.</summary>
    public bool Unsubscribe(string store, string id)
    {
        if (!subscriptions.TryGetValue(id, out var subscription) || subscription.Store != store || !subscriptions.TryRemove(id, out _))
            return false;
        subscription.Dispose();
        return true;
    }

    public ConfigurationFile Find(string name)
    {
        if (stores.IsEmpty)
            throw new ApiException(500, StatusCode.FailedPrecondition, "ERR_CONFIGURATION_STORE_NOT_CONFIGURED", "no configuration store is configured");
        return stores.TryGetValue(name, out var store)
            ? store
            : throw new ApiException(400, StatusCode.InvalidArgument, "ERR_CONFIGURATION_STORE_NOT_FOUND", $"configuration store {name} is not found");
    }
}
