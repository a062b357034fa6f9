using System.Collections.Concurrent;

namespace LocalDapr.Runtime.Tests.PubSub;

public sealed class PublishCrashSafety
{
    [Fact]
    public async Task Every_acknowledged_publish_is_delivered_after_kill_9_in_the_middle_of_concurrent_publishes()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("pubsub.yaml"), Yaml.Component("pubsub", "pubsub.kafka", ("brokers", "localhost:9092")));
        await using var app = await EventApp.StartAsync("""[{"pubsubname":"pubsub","topic":"orders","route":"/orders"}]""");
        // It refuses everything until the kill, so that nothing is gone because it was delivered.
        var refuses = true;
        app.Answer = _ => Task.FromResult(Volatile.Read(ref refuses) ? 500 : 200);
        string[] toApp = ["--app-port", app.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)];
        var acknowledged = new ConcurrentDictionary<string, bool>();

        using (var doomed = await SidecarProcess.StartAsync(folder, toApp))
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{doomed.HttpPort}/") };
            var writers = Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
            {
                for (var n = 0; ; n++)
                {
                    var id = $"{writer}-{n}";
                    await Broker.PublishAsync(http, "orders", id, $"k{n % 100}");
                    acknowledged[id] = true;
                }
            })).ToArray();
            await Eventually.TrueAsync(() => Task.FromResult(acknowledged.Count > 500), seconds: 60);
            doomed.Kill();
            foreach (var writer in writers)
                await Assert.ThrowsAnyAsync<Exception>(() => writer);
        }

        app.Events.Clear();
        Volatile.Write(ref refuses, false);
        using var restarted = await SidecarProcess.StartAsync(folder, toApp);
        await Eventually.TrueAsync(() => Task.FromResult(acknowledged.Keys.Except(app.Ids()).Any() == false), seconds: 60);
        Assert.Equal(app.Ids().Count, app.Ids().Distinct().Count());
    }

    [Fact]
    public async Task After_kill_9_hardly_anything_comes_again_that_the_app_had_taken()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("pubsub.yaml"), Yaml.Component("pubsub", "pubsub.kafka", ("brokers", "localhost:9092")));
        await using var app = await EventApp.StartAsync("""[{"pubsubname":"pubsub","topic":"orders","route":"/orders"}]""");
        string[] toApp = ["--app-port", app.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)];
        using (var doomed = await SidecarProcess.StartAsync(folder, toApp))
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{doomed.HttpPort}/") };
            await Broker.PublishManyAsync(http, "orders", 1000, n => $"k{n % 100}");
            await app.HasAsync(1000);
            doomed.Kill();
        }

        app.Events.Clear();
        using var restarted = await SidecarProcess.StartAsync(folder, toApp);
        using var again = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{restarted.HttpPort}/") };
        await Broker.PublishAsync(again, "orders", "last");
        await Eventually.TrueAsync(() => Task.FromResult(app.Ids().Contains("last")));
        // The acknowledgements of the last ones in flight may have been on their way to the file.
        Assert.InRange(app.Ids().Count - 1, 0, 64);
    }
}
