using System.Net.Http.Json;
using System.Text.Json.Nodes;
using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Tests.State;

public sealed class Outbox : IDisposable
{
    private static readonly string[] Resources = [
        Yaml.Component("store", "state.redis", ("outboxPublishPubsub", "pub"), ("outboxPublishTopic", "orders")),
        Yaml.Component("pub", "pubsub.redis"),
        """
        apiVersion: dapr.io/v2alpha1
        kind: Subscription
        metadata: {name: orders}
        spec:
          pubsubname: pub
          topic: orders
          routes: {default: /orders}
        """,
    ];

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_a_transaction_wrote_before_a_crash_is_published_after_the_restart()
    {
        // The app is not there yet, so nothing leaves the outbox before the sidecar ends.
        await using (var first = await TestSidecar.StartAsync(folder, Resources, Backends.Embedded, configure: o => o with { AppPort = 1 }, waitUntilReady: false))
        {
            for (var n = 0; n < 5; n++)
                (await TransactAsync(first, n)).EnsureSuccessStatusCode();
        }

        await using var app = await TestApp.StartAsync(call => call.Path == "/dapr/subscribe" ? 404 : 200);
        await using (var second = await TestSidecar.StartAsync(folder, Resources, Backends.Embedded, configure: o => o with { AppPort = app.Port }))
            await Eventually.TrueAsync(() => Task.FromResult(app.Calls.Count(c => c.Path == "/orders") >= 5));
        await using var third = await TestSidecar.StartAsync(folder, Resources, Backends.Embedded, configure: o => o with { AppPort = app.Port });
        (await TransactAsync(third, 5)).EnsureSuccessStatusCode();
        await Eventually.TrueAsync(() => Task.FromResult(app.Calls.Any(c => c.Path == "/orders" && Number(c) == 5)));

        Assert.Equal([0, 1, 2, 3, 4, 5], app.Calls.Where(c => c.Path == "/orders").Select(Number).Distinct().Order());
    }

    private static int Number(AppCall call) => (int)JsonNode.Parse(call.Body)!["data"]!["n"]!;

    private static Task<HttpResponseMessage> TransactAsync(TestSidecar sidecar, int n) => sidecar.Http.PostAsJsonAsync("v1.0/state/store/transaction", new
    {
        operations = new[] { new { operation = "upsert", request = new { key = $"k{n}", value = new { n }, contentType = "application/json" } } },
    });
}
