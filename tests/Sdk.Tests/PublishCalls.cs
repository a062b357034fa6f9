using Dapr;
using Dapr.Client;
using Dapr.Proto.Runtime.V1;
using LocalDapr.Protocol.Grpc;

namespace LocalDapr.Sdk.Tests;

public class PublishCalls
{
    private static async Task<PublishEventRequest> PublishedAsync(Func<DaprClient, Task> call)
    {
        PublishEventRequest? seen = null;
        await using var sidecar = await FakeSidecar.StartAsync(s => s.Unary(DaprMethods.PublishEvent, (r, _) => { seen = r; return Task.FromResult(new Google.Protobuf.WellKnownTypes.Empty()); }));
        using var client = sidecar.Client();
        await call(client);
        return seen!;
    }

    [Fact]
    public async Task An_object_goes_as_json_with_metadata()
    {
        var request = await PublishedAsync(c => c.PublishEventAsync("pub", "orders", new { OrderId = 1 }, new Dictionary<string, string> { ["partitionKey"] = "p" }));

        Assert.Equal(("pub", "orders", """{"orderId":1}""", "application/json", "p"), (request.PubsubName, request.Topic, request.Data.ToStringUtf8(), request.DataContentType, request.Metadata["partitionKey"]));
    }

    [Fact]
    public async Task A_cloud_event_has_its_own_content_type_and_writes_nulls()
    {
        var request = await PublishedAsync(c => c.PublishEventAsync("pub", "orders", new CloudEvent<string>("x") { Source = new("urn:a"), Type = "t" }));

        Assert.Equal("application/cloudevents+json", request.DataContentType);
        Assert.Equal("""{"data":"x","datacontenttype":"application/json","source":"urn:a","type":"t","subject":null}""", request.Data.ToStringUtf8());
    }

    [Fact]
    public async Task Nothing_and_bytes_go_as_they_are()
    {
        var nothing = await PublishedAsync(c => c.PublishEventAsync("pub", "orders"));
        Assert.Equal(("", ""), (nothing.Data.ToStringUtf8(), nothing.DataContentType));

        var bytes = await PublishedAsync(c => c.PublishByteEventAsync("pub", "orders", new byte[] { 1, 0 }, "application/octet-stream"));
        Assert.Equal([1, 0], bytes.Data.ToByteArray());
        Assert.Equal("application/octet-stream", bytes.DataContentType);
    }

    [Fact]
    public async Task A_bulk_numbers_its_entries_and_names_those_that_failed()
    {
        BulkPublishRequest? seen = null;
        await using var sidecar = await FakeSidecar.StartAsync(s => s.Unary(DaprMethods.BulkPublishEvent, (r, _) => { seen = r; return Task.FromResult(new BulkPublishResponse { FailedEntries = { new BulkPublishResponseFailedEntry { EntryId = "1", Error = "full" } } }); }));
        using var client = sidecar.Client();

        var answer = await client.BulkPublishEventAsync("pub", "orders", ["a", "b"], new() { ["m"] = "1" });

        Assert.Equal([("0", "\"a\"", "application/json", "1"), ("1", "\"b\"", "application/json", "1")], seen!.Entries.Select(e => (e.EntryId, e.Event.ToStringUtf8(), e.ContentType, e.Metadata["m"])));
        var failed = Assert.Single(answer.FailedEntries);
        Assert.Equal(("b", "full"), (failed.Entry.EventData, failed.ErrorMessage));
    }
}
