using System.Text.Json;
using System.Text.Json.Nodes;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Configuration;

/// <summary>The configuration API over HTTP; updates are posted to the app at <c>/configuration/{store}/{key}</c>.</summary>
internal sealed partial class ConfigurationHttp(ConfigurationFeature feature, SidecarContext context)
{
    private static readonly string[] Versions = ["v1.0", "v1.0-alpha1"];

    private readonly ILogger log = context.Loggers.CreateLogger("dapr.configuration");

    public void Map(ApiRoutes http)
    {
        http.Map("configuration", "GET", "configuration/{store}", GetAsync, Versions);
        http.Map("configuration", "GET", "configuration/{store}/subscribe", SubscribeAsync, Versions);
        http.Map("configuration", "GET", "configuration/{store}/{id}/unsubscribe", UnsubscribeAsync, Versions);
    }

    private async Task GetAsync(HttpContext call, RouteValues route)
    {
        var found = await feature.GetAsync(route["store"], Keys(call), call.RequestAborted);
        if (found.Count == 0)
            call.Response.StatusCode = StatusCodes.Status204NoContent;
        else
            await call.WriteJsonAsync(Json(found));
    }

    private Task SubscribeAsync(HttpContext call, RouteValues route)
    {
        feature.Find(route["store"]);
        if (!context.App.Exists)
            throw new ApiException(500, StatusCode.Internal, "ERR_APP_CHANNEL_NIL", "the sidecar has no app to tell: start it with --app-port");
        var subscription = feature.Subscribe(route["store"], Keys(call));
        _ = DeliverAsync(subscription);
        return call.WriteJsonAsync(new JsonObject { ["id"] = subscription.Id });
    }

    private Task UnsubscribeAsync(HttpContext call, RouteValues route)
    {
        feature.Find(route["store"]);
        return feature.Unsubscribe(route["store"], route["id"])
            ? call.WriteJsonAsync(new JsonObject { ["ok"] = true })
            : call.WriteJsonAsync(new JsonObject { ["message"] = $"subscription {route["id"]} does not exist" }, StatusCodes.Status500InternalServerError);
    }

    private async Task DeliverAsync(ConfigurationSubscription subscription)
    {
        await foreach (var changes in subscription.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                await context.Policies.Inbound(subscription.Store, "Configuration").ExecuteAsync(attempt => PostAsync(subscription, changes, attempt), context.Stopping);
            }
            catch (Exception failure)
            {
                if (context.Stopping.IsCancellationRequested)
                    return;
                Log.DeliveryFailed(log, subscription.Store, failure.Message);
            }
        }
    }

    private async Task<bool> PostAsync(ConfigurationSubscription subscription, IReadOnlyDictionary<string, ConfigurationEntry> changes, CancellationToken cancellation)
    {
        var path = $"/configuration/{Uri.EscapeDataString(subscription.Store)}/{Uri.EscapeDataString(changes.Keys.First())}";
        var body = new JsonObject { ["id"] = subscription.Id, ["items"] = Json(changes) };
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(context.App.BaseAddress, path)) { Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body)) };
        message.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        using var answer = await context.App.SendAsync(message, cancellation);
        return (int)answer.StatusCode == StatusCodes.Status200OK ? true : throw new Resiliency.CodedException((int)answer.StatusCode, $"the app answered {(int)answer.StatusCode}");
    }

    private static string[] Keys(HttpContext call) => [.. call.Request.Query["key"].OfType<string>()];

    private static JsonObject Json(IReadOnlyDictionary<string, ConfigurationEntry> entries)
    {
        var json = new JsonObject();
        foreach (var (key, entry) in entries)
        {
            var item = new JsonObject();
            if (entry.Value.Length > 0)
                item["value"] = entry.Value;
            if (entry.Version.Length > 0)
                item["version"] = entry.Version;
            if (entry.Metadata.Count > 0)
                item["metadata"] = new JsonObject(entry.Metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value)));
            json[key] = item;
        }
        return json;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "the app did not take a change of {Store}: {Problem}")]
        public static partial void DeliveryFailed(ILogger logger, string store, string problem);
    }
}
