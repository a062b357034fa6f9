using System.Text.Json;
using LocalDapr.Runtime.Api;

namespace LocalDapr.Runtime.PubSub;

/// <summary>One entry of a bulk publish, its event already bytes.</summary>
internal readonly record struct BulkEntry(string EntryId, PublishRequest Request);

internal readonly record struct BulkFailure(string EntryId, string Error);

/// <summary>Publishes the entries of one request: all are checked first, then handed to the broker in order.</summary>
internal static class BulkPublish
{
    public static async Task<IReadOnlyList<BulkFailure>> SendAsync(Publisher publisher, PubSubComponent component, string topic, IReadOnlyList<BulkEntry> entries, bool isRaw, CancellationToken cancellation)
    {
        publisher.CheckScope(component, topic);
        var messages = new BrokerMessage[entries.Count];
        for (var i = 0; i < messages.Length; i++)
            messages[i] = publisher.Message(component, topic, entries[i].Request, isRaw);
        var sends = new Task[messages.Length];
        for (var i = 0; i < sends.Length; i++)
            sends[i] = publisher.SendAsync(component, messages[i], cancellation);
        var failures = new List<BulkFailure>();
        for (var i = 0; i < sends.Length; i++)
        {
            try
            {
                await sends[i];
            }
            catch (ApiException failure)
            {
                failures.Add(new BulkFailure(entries[i].EntryId, failure.Message));
            }
        }
        return failures;
    }
}

/// <summary>POST and PUT /v1.0/publish/bulk/{pubsub}/{topic}.</summary>
internal sealed class BulkPublishHttp(Publisher publisher)
{
    public async Task PublishAsync(HttpContext http, RouteValues route)
    {
        var (pubsub, topic) = (route["pubsub"], route["topic"]);
        var component = publisher.Find(pubsub, topic);
        var metadata = http.QueryMetadata();
        var isRaw = Publisher.IsRaw(component, metadata);
        var entries = new BulkEntryReader(pubsub, publisher.AppId, metadata, PublishHttp.Trace(publisher, http)).Read(await http.ReadBodyAsync());
        var failures = await BulkPublish.SendAsync(publisher, component, topic, entries, isRaw, http.RequestAborted);
        if (failures.Count == 0)
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }
        var answer = JsonSerializer.SerializeToUtf8Bytes(new
        {
            failedEntries = failures.Select(f => new { entryId = f.EntryId, error = f.Error }),
            errorCode = "ERR_PUBSUB_PUBLISH_MESSAGE",
        });
        await http.WriteJsonAsync(answer, StatusCodes.Status500InternalServerError);
    }
}
