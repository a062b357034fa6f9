using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Dapr.Proto.Runtime.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.App;
using LocalDapr.Runtime.Cli;
using LocalDapr.Runtime.Resources;

namespace LocalDapr.Runtime.Hosting;

/// <summary>The metadata API: GET /v1.0/metadata, PUT /v1.0/metadata/{key}, GetMetadata, SetMetadata (contract section 16).</summary>
internal sealed class MetadataFeature(SidecarContext context, Sidecar sidecar) : ISidecarFeature
{
    public const string RuntimeVersion = "1.18.3";

    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    private readonly ConcurrentDictionary<string, string> extended = new(StringComparer.Ordinal) { ["daprRuntimeVersion"] = RuntimeVersion };

    public void Map(ApiRoutes http, GrpcServices grpc)
    {
        http.Map("metadata", "GET", "metadata", (call, _) => call.WriteJsonAsync(Document()));
        http.Map("metadata", "PUT", "metadata/{key}", async (call, route) =>
        {
            extended[route["key"]] = Encoding.UTF8.GetString(await call.ReadBodyAsync());
            call.Response.StatusCode = StatusCodes.Status204NoContent;
        });
        grpc.Unary(DaprMethods.GetMetadata, (_, _) => Task.FromResult(Message()));
        grpc.Unary(DaprMethods.SetMetadata, (request, _) =>
        {
            extended[request.Key] = request.Value;
            return Task.FromResult(new Empty());
        });
    }

    public JsonObject Document()
    {
        var document = new JsonObject
        {
            ["id"] = context.Options.AppId,
            ["runtimeVersion"] = RuntimeVersion,
            ["enabledFeatures"] = new JsonArray("HotReload"),
            ["components"] = new JsonArray([.. sidecar.Components.Select(Component)]),
            ["extended"] = new JsonObject(extended.Select(e => KeyValuePair.Create(e.Key, (JsonNode?)e.Value))),
        };
        document["appConnectionProperties"] = App(context.Options);
        if (context.Policies.Loaded is { Count: > 0 } resiliencies)
            document["resiliencies"] = new JsonArray([.. resiliencies.Select(name => (JsonNode)new JsonObject { ["name"] = name })]);
        document["actorRuntime"] = new JsonObject { ["runtimeStatus"] = "DISABLED", ["hostReady"] = false, ["placement"] = "placement: disconnected" };
        foreach (var feature in context.Features)
            feature.Describe(document);
        return document;
    }

    private JsonNode Component(Component component)
    {
        var node = new JsonObject { ["name"] = component.Name, ["type"] = component.Type, ["version"] = component.Spec.Version };
        if (context.Features.First(f => f.Loads(component.Type)).Capabilities(component.Name) is { Count: > 0 } capabilities)
            node["capabilities"] = new JsonArray([.. capabilities.Select(n => (JsonNode)n)]);
        return node;
    }

    private static JsonObject App(SidecarOptions options)
    {
        var app = new JsonObject
        {
            ["protocol"] = options.AppProtocol.ToString().ToLowerInvariant(),
            ["channelAddress"] = options.AppChannelAddress,
        };
        if (options.AppPort > 0)
            app["port"] = options.AppPort;
        if (options.AppMaxConcurrency > 0)
            app["maxConcurrency"] = options.AppMaxConcurrency;
        if (options.EnableAppHealthCheck)
        {
            var health = new JsonObject
            {
                ["healthProbeInterval"] = Quantity.Format(options.AppHealthProbeInterval),
                ["healthProbeTimeout"] = Quantity.Format(options.AppHealthProbeTimeout),
                ["healthThreshold"] = options.AppHealthThreshold,
            };
            if (options.AppProtocol is AppProtocol.Http or AppProtocol.Https or AppProtocol.H2c)
                health["healthCheckPath"] = options.AppHealthCheckPath;
            app["health"] = health;
        }
        return app;
    }

    /// <summary>The JSON document as the gRPC message; only the rules of subscriptions stand one level deeper there.</summary>
    private GetMetadataResponse Message()
    {
        var document = Document();
        foreach (var subscription in (document["subscriptions"] as JsonArray ?? []).OfType<JsonObject>())
        {
            if (subscription["rules"] is JsonArray rules)
                subscription["rules"] = new JsonObject { ["rules"] = rules.DeepClone() };
        }
        if (document["scheduler"] is JsonObject scheduler && scheduler["connected_addresses"] is JsonArray addresses)
            document["scheduler"] = new JsonObject { ["connectedAddresses"] = addresses.DeepClone() };
        return Parser.Parse<GetMetadataResponse>(document.ToJsonString());
    }
}
