using LocalDapr.Runtime.Api;
using LocalDapr.Runtime.Tracing;

namespace LocalDapr.Runtime.PubSub;

/// <summary>POST and PUT /v1.0/publish/{pubsub}/{topic} (contract section 5).</summary>
internal sealed class PublishHttp(Publisher publisher)
{
    public void Map(ApiRoutes http)
    {
        http.Map("publish", "POST,PUT", "publish/{pubsub}/{topic...}", PublishAsync);
        http.Map("publish", "POST,PUT", "publish/bulk/{pubsub}/{topic...}", new BulkPublishHttp(publisher).PublishAsync, ApiRoutes.Stable, "v1.0-alpha1");
    }

    public static EventTrace Trace(Publisher publisher, HttpContext http) =>
        publisher.Tracing.ForEvent(TraceContext.Of(http));

    private async Task PublishAsync(HttpContext http, RouteValues route)
    {
        var (pubsub, topic) = (route["pubsub"], route["topic"]);
        publisher.Find(pubsub, topic);
        var contentType = http.Request.ContentType is { Length: > 0 } given ? given : "text/plain";
        var request = new PublishRequest(await http.ReadBodyAsync(), contentType, http.QueryMetadata(), Trace(publisher, http));
        await publisher.PublishAsync(pubsub, topic, request, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
