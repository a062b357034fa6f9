using System.Text.Json;
using System.Text.Json.Nodes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Expressions;
using LocalDapr.Runtime.Hosting;
using LocalDapr.Runtime.Resiliency;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.PubSub;

/// <summary>The pub/sub building block of one sidecar (contract sections 5 and 6).</summary>
internal sealed partial class PubSubFeature : ISidecarFeature, IAsyncDisposable
{
    private readonly SidecarContext context;
    private readonly ILogger log;
    private readonly PubSubComponents components = new();
    private readonly GrpcApp grpcApp;
    private readonly Subscriptions subscriptions;
    private readonly EventStreams streams;

    public PubSubFeature(SidecarContext context)
    {
        this.context = context;
        log = context.Loggers.CreateLogger($"dapr.{context.Options.AppId}.pubsub");
        Publisher = new Publisher(context, components);
        grpcApp = new GrpcApp(context);
        var starter = new SubscriptionStarter(context, Publisher, grpcApp, log);
        subscriptions = new Subscriptions(context, components, starter, log);
        streams = new EventStreams(Publisher, subscriptions, starter);
        context.App.HealthChanged += _ => subscriptions.ReconcileAsync();
    }

    /// <summary>For what the runtime itself publishes, such as the outbox of a state store.</summary>
    public Publisher Publisher { get; }

    public bool Loads(string componentType) => componentType.StartsWith("pubsub.", StringComparison.Ordinal);

    public Task LoadAsync(Component component, CancellationToken cancellation)
    {
        components.Add(new PubSubComponent(component, Brokers.Create(component, context, log), new TopicScopes(component, context.Options.AppId)));
        return Task.CompletedTask;
    }

    public async Task UnloadAsync(string componentName)
    {
        if (components.Remove(componentName) is not { } component)
            return;
        await subscriptions.ReconcileAsync();
        await component.Broker.DisposeAsync();
    }

    public IReadOnlyList<string> Capabilities(string componentName) => components.Find(componentName)?.Broker.Capabilities ?? [];

    public Task ApplyAsync(ResourceSet resources, CancellationToken cancellation) => subscriptions.DeclareAsync(Declared(resources));

    public void Map(ApiRoutes http, GrpcServices grpc)
    {
        new PublishHttp(Publisher).Map(http);
        new PublishGrpc(Publisher).Map(grpc);
        grpc.Duplex(DaprMethods.SubscribeTopicEventsAlpha1, streams.ServeAsync);
    }

    public async Task AppReadyAsync(CancellationToken cancellation)
    {
        if (!context.App.Exists)
            return;
        IReadOnlyList<Subscription> ofApp = [];
        if (components.Any && !context.Options.DisabledInitEndpoints.Contains("subscribe"))
        {
            try
            {
                ofApp = await new AppSubscriptions(context, grpcApp).AskAsync(cancellation);
            }
            catch (Exception failure) when (failure is HttpRequestException or CodedException or JsonException or ExpressionException)
            {
                Log.Unreadable(log, failure.Message);
            }
        }
        await subscriptions.StartAsync(ofApp);
    }

    public Task StopAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await streams.DisposeAsync();
        await subscriptions.StopAsync();
    }

    public void Describe(JsonObject metadata)
    {
        var all = subscriptions.All;
        if (all.Count > 0)
            metadata["subscriptions"] = new JsonArray([.. all.Select(s => (JsonNode)Describe(s))]);
    }

    private static JsonObject Describe(Subscription subscription)
    {
        var described = new JsonObject { ["pubsubname"] = subscription.PubSub, ["topic"] = subscription.Topic };
        if (subscription.Metadata.Count > 0)
            described["metadata"] = new JsonObject(subscription.Metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value)));
        described["rules"] = new JsonArray([.. subscription.Rules.Select(rule =>
        {
            var line = new JsonObject();
            if (rule.Match is not null)
                line["match"] = rule.Match.Text;
            if (rule.Path.Length > 0)
                line["path"] = rule.Path;
            return (JsonNode)line;
        })]);
        described["deadLetterTopic"] = subscription.DeadLetterTopic ?? "";
        described["type"] = subscription.Kind.ToString().ToUpperInvariant();
        return described;
    }

    /// <summary>A file of a name that was met before replaces it. Bad expressions end the start, as in Dapr.</summary>
    private static Subscription[] Declared(ResourceSet resources)
    {
        var byName = new Dictionary<string, Subscription>(StringComparer.Ordinal);
        foreach (var document in resources.Subscriptions)
        {
            var subscription = SubscriptionReader.FromYaml(document);
            byName[subscription.Name ?? ""] = subscription;
        }
        return [.. byName.Values];
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "the app's own subscriptions cannot be used: {Problem}")]
        public static partial void Unreadable(ILogger logger, string problem);
    }
}
