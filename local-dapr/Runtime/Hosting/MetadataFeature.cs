using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;

namespace LocalDapr.Runtime.Hosting;

/// <summary>GET /v1.0/metadata and PUT /v1.0/metadata/{key} (contract section 16).</summary>
internal sealed class MetadataFeature(SidecarContext context, Sidecar sidecar) : ISidecarFeature
{
    public const string RuntimeVersion = "1.18.3";

    private readonly ConcurrentDictionary<string, string> extended = new(StringComparer.Ordinal) { ["daprRuntimeVersion"] = RuntimeVersion };

    public void Map(ApiRoutes http, GrpcServices grpc)
    {
        http.Map("metadata", "GET", "metadata", (call, _) => call.WriteJsonAsync(Document()));
        http.Map("metadata", "PUT", "metadata/{key}", async (call, route) =>
        {
            extended[route["key"]] = Encoding.UTF8.GetString(await call.ReadBodyAsync());
            call.Response.StatusCode = StatusCodes.Status204NoContent;
        });
    }

    public JsonObject Document()
    {
        var options = context.Options;
        var document = new JsonObject
        {
            ["id"] = options.AppId,
            ["runtimeVersion"] = RuntimeVersion,
            ["enabledFeatures"] = new JsonArray("HotReload"),
            ["components"] = new JsonArray([.. sidecar.Components.Select(c => (JsonNode)new JsonObject
            {
                ["name"] = c.Name,
                ["type"] = c.Type,
                ["version"] = c.Spec.Version,
                ["capabilities"] = new JsonArray([.. context.Features.First(f => f.Loads(c.Type)).Capabilities(c.Name).Select(n => (JsonNode)n)]),
            })]),
            ["extended"] = new JsonObject(extended.Select(e => KeyValuePair.Create(e.Key, (JsonNode?)e.Value))),
        };
        foreach (var feature in context.Features)
            feature.Describe(document);
        return document;
    }
}
