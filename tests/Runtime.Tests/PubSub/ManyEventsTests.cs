using System.Globalization;

namespace LocalDapr.Runtime.Tests.PubSub;

/// <summary>Ten thousand publishes to five apps, one of which fails at random: nobody misses an event, no key gets out of order, every failure is a dead letter.</summary>
[Collection(nameof(AloneOnTheMachine))]
public sealed class ManyEventsTests(ITestOutputHelper output) : IDisposable
{
    private const int Events = 10_000;
    private const int Keys = 50;
    private const int Publishers = 10;
    private const string Subscriptions = """[{"pubsubname":"pubsub","topic":"orders","route":"/orders","deadLetterTopic":"TOPIC"},{"pubsubname":"pubsub","topic":"TOPIC","route":"/dead"}]""";

    private static readonly string[] Kinds = ["taken", "refused", "dropped"];

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Nothing_is_lost_and_no_key_gets_out_of_order_whoever_fails()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var fate = Enumerable.Range(0, Events).Select(_ => random.Next(100) switch { < 90 => "taken", < 95 => "refused", _ => "dropped" }).ToArray();
        await using var broker = new Broker(folder);
        List<EventApp> apps = [];
        try
        {
            TestSidecar? publisher = null;
            for (var i = 0; i < 5; i++)
            {
                var app = await EventApp.StartAsync(Subscriptions.Replace("TOPIC", $"dead-{i}", StringComparison.Ordinal));
                apps.Add(app);
                publisher = await broker.SidecarAsync($"app-{i}", app);
            }
            var failing = apps[0];
            string Fate(Got got) => got.Path == "/dead" ? "taken" : fate[Number(got.Id)];
            failing.Answer = got => Task.FromResult(Fate(got) == "refused" ? 500 : 200);
            failing.Body = got => Fate(got) == "dropped" ? """{"status":"DROP"}""" : "";

            await Task.WhenAll(Enumerable.Range(0, Publishers).Select(async p =>
            {
                for (var n = p * Events / Publishers; n < (p + 1) * Events / Publishers; n++)
                    await Broker.PublishAsync(publisher!.Http, "orders", $"{n}", Key(n));
            }));

            var dead = fate.Count(f => f != "taken");
            await Eventually.TrueAsync(() => failing.Ids("/dead").Count >= dead && apps.All(app => app.Ids("/orders").Count >= Events), seconds: 120);
            foreach (var app in apps)
            {
                var numbers = app.Ids("/orders").Select(Number).ToArray();
                Assert.Equal(Events, numbers.Distinct().Count());
                // Of one publisher and key the events come as they were published; a repeat may come again, none may be stepped over.
                foreach (var lane in numbers.Distinct().GroupBy(n => (Key(n), Publisher: n / (Events / Publishers))))
                    Assert.Equal(lane.Order(), lane);
            }
            Assert.Equal(Enumerable.Range(0, Events).Where(n => fate[n] != "taken"), failing.Ids("/dead").Select(Number).Order());
            Assert.All(apps.Skip(1), app => Assert.Empty(app.Ids("/dead")));
            output.WriteLine(string.Join(", ", Kinds.Select(kind => $"{fate.Count(f => f == kind)} {kind}")));
        }
        finally
        {
            foreach (var app in apps)
                await app.DisposeAsync();
        }
    }

    private static int Number(string id) => int.Parse(id, CultureInfo.InvariantCulture);

    private static string Key(int number) => $"k{number % Keys}";
}
