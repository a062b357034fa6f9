using System.Net;
using Dapr;
using Dapr.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LocalDapr.Sdk.Tests;

public class SubscribeDocument
{
    private static async Task<(HttpStatusCode Status, string Body, string? ContentType)> GetAsync(Action<IEndpointRouteBuilder> map, SubscribeOptions? options = null)
    {
        await using var app = await WebApp.StartAsync(app =>
        {
            app.MapSubscribeHandler(options);
            map(app);
        });
        using var response = await app.Client.GetAsync("/dapr/subscribe", TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response.Content.Headers.ContentType?.ToString());
    }

    private static void Handle()
    {
    }

    [Fact]
    public async Task Endpoints_with_a_topic_are_listed_by_pubsub_and_topic()
    {
        var (status, body, contentType) = await GetAsync(app =>
        {
            app.MapPost("/", Handle).WithTopic("pub", "b");
            app.MapGroup("/orders").MapPost("/placed", Handle).WithTopic("pub", "a", new Dictionary<string, string> { ["x"] = "1" });
            app.MapPost("/plain", Handle);
        });

        Assert.Equal((HttpStatusCode.OK, null), (status, contentType));
        Assert.Equal("""[{"topic":"a","pubsubName":"pub","route":"orders/placed","metadata":{"x":"1"}},{"topic":"b","pubsubName":"pub","route":""}]""", body);
    }

    [Fact]
    public async Task Rules_stand_in_order_of_priority_beside_the_default_with_dead_letters()
    {
        var (_, body, _) = await GetAsync(app =>
        {
            app.MapPost("/rest", Handle).WithTopic(new TopicOptions { PubsubName = "pub", Name = "orders", DeadLetterTopic = "dead" });
            app.MapPost("/late", Handle).WithTopic(new TopicOptions { PubsubName = "pub", Name = "orders", Match = "event.type == \"b\"", Priority = 2, DeadLetterTopic = "dead" });
            app.MapPost("/early", Handle).WithTopic(new TopicOptions { PubsubName = "pub", Name = "orders", Match = "event.type == \"a\"", Priority = 1, DeadLetterTopic = "dead" });
        });

        Assert.Equal("""[{"topic":"orders","pubsubName":"pub","routes":{"default":"rest","rules":[{"match":"event.type == \u0022a\u0022","path":"early"},{"match":"event.type == \u0022b\u0022","path":"late"}]},"deadLetterTopic":"dead"}]""", body);
    }

    [Fact]
    public async Task Raw_payload_bulk_and_repeated_metadata_are_told()
    {
        var (_, body, _) = await GetAsync(app =>
        {
            app.MapPost("/a", Handle).WithTopic("pub", "raw", true);
            app.MapPost("/b", Handle).WithTopic("pub", "bulk").WithBulkSubscribe(new BulkSubscribeTopicOptions { TopicName = "bulk", MaxMessagesCount = 5 });
            app.MapPost("/c", Handle).WithMetadata(new TopicAttribute("pub", "meta", ["m1", "m2"], "-"), new TopicMetadataAttribute("m1", "k", "x"), new TopicMetadataAttribute("m2", "k", "y"), new TopicMetadataAttribute("m3", "k", "z"));
        });

        Assert.Equal("""[{"topic":"bulk","pubsubName":"pub","route":"b","bulkSubscribe":{"enabled":true,"maxMessagesCount":5,"maxAwaitDurationMs":1000}},{"topic":"meta","pubsubName":"pub","route":"c","metadata":{"k":"x-y"}},{"topic":"raw","pubsubName":"pub","route":"a","metadata":{"rawPayload":"true"}}]""", body);
        Assert.Contains("\"rawPayload\":\"true\"", (await GetAsync(app => app.MapPost("/a", Handle).WithTopic("pub", "t"), new() { EnableRawPayload = true })).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_with_a_parameter_fails_the_document() =>
        Assert.Equal(HttpStatusCode.InternalServerError, (await GetAsync(app => app.MapPost("/a/{id}", (string id) => id).WithTopic("pub", "t"))).Status);
}
