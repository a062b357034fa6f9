using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using LocalDapr.Runtime.Hosting;

namespace LocalDapr.Runtime.Tests.PubSub;

public sealed class EmbeddedPubSub : IDisposable
{
    private const string Orders = """[{"pubsubname":"pubsub","topic":"orders","route":"/orders"}]""";
    private const string WithDeadLetters = """[{"pubsubname":"pubsub","topic":"orders","route":"/orders","deadLetterTopic":"dead"},{"pubsubname":"pubsub","topic":"dead","route":"/dead"}]""";

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Events_of_one_key_arrive_in_order_while_other_keys_overtake_them()
    {
        await using var app = await EventApp.StartAsync(Orders);
        var running = new ConcurrentDictionary<string, bool>();
        var (together, most) = (0, 0);
        app.Answer = async got =>
        {
            Assert.True(running.TryAdd(got.Key!, true), $"two events of {got.Key} at once");
            InterlockedMax(ref most, Interlocked.Increment(ref together));
            await Task.Delay(Random.Shared.Next(8));
            Interlocked.Decrement(ref together);
            running.TryRemove(got.Key!, out _);
            // Some fail once in a while: the next ones of their key must wait.
            return Random.Shared.Next(40) == 0 ? 500 : 200;
        };
        await using var broker = new Broker(folder);
        var sidecar = await broker.SidecarAsync("app", app);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(key => Task.Run(async () =>
        {
            for (var n = 0; n < 15; n++)
                await Broker.PublishAsync(sidecar.Http, "orders", $"{key}-{n}", $"k{key}");
        })));
        await Eventually.TrueAsync(() => Task.FromResult(app.Ids().Distinct().Count() == 300), seconds: 60);

        foreach (var key in app.Events.GroupBy(e => e.Key))
        {
            var numbers = key.Select(e => int.Parse(e.Id.Split('-')[1], CultureInfo.InvariantCulture)).ToArray();
            // Repeats of a failed one are allowed, a step back or over is not.
            for (var i = 1; i < numbers.Length; i++)
                Assert.InRange(numbers[i] - numbers[i - 1], 0, 1);
        }
        Assert.InRange(most, 2, 32);
    }

    [Fact]
    public async Task Two_groups_each_get_everything_and_a_late_one_reads_from_the_beginning()
    {
        await using var first = await EventApp.StartAsync(Orders);
        await using var second = await EventApp.StartAsync(Orders);
        await using var broker = new Broker(folder);
        var publisher = await broker.SidecarAsync("first", first);
        for (var n = 0; n < 20; n++)
            await Broker.PublishAsync(publisher.Http, "orders", $"{n}", "k");
        await first.HasAsync(20);

        await broker.SidecarAsync("second", second);
        await second.HasAsync(20);

        Assert.Equal(Enumerable.Range(0, 20).Select(n => $"{n}"), second.Ids());
        Assert.Equal(20, first.Ids().Count);
    }

    [Fact]
    public async Task Replicas_share_the_events_of_their_group()
    {
        await using var one = await EventApp.StartAsync(Orders);
        await using var two = await EventApp.StartAsync(Orders);
        one.Answer = two.Answer = async _ =>
        {
            await Task.Delay(20);
            return 200;
        };
        await using var broker = new Broker(folder);
        var sidecar = await broker.SidecarAsync("app", one);
        await broker.SidecarAsync("app", two);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(n => Broker.PublishAsync(sidecar.Http, "orders", $"{n}")));
        await Eventually.TrueAsync(() => Task.FromResult(one.Events.Count + two.Events.Count >= 100));

        Assert.Equal(100, one.Ids().Concat(two.Ids()).Distinct().Count());
        Assert.Equal(100, one.Events.Count + two.Events.Count);
        Assert.NotEmpty(one.Events);
        Assert.NotEmpty(two.Events);
    }

    [Fact]
    public async Task Every_replica_hears_everything_when_the_group_has_a_uuid_in_its_name()
    {
        await using var one = await EventApp.StartAsync(Orders);
        await using var two = await EventApp.StartAsync(Orders);
        await using var broker = new Broker(folder);
        var sidecar = await broker.SidecarAsync("app", one, metadata: ("consumerID", "{uuid}"));
        await Broker.PublishAsync(sidecar.Http, "orders", "before");
        await one.HasAsync(1);
        await broker.SidecarAsync("app", two, metadata: ("consumerID", "{uuid}"));
        await Broker.PublishAsync(sidecar.Http, "orders", "after");
        await one.HasAsync(2);
        await two.HasAsync(1);

        Assert.Equal(["before", "after"], one.Ids());
        Assert.Equal(["after"], two.Ids());
    }

    [Fact]
    public async Task What_the_app_refuses_comes_again_and_holds_up_its_key_only()
    {
        await using var app = await EventApp.StartAsync(Orders);
        var refusals = 2;
        app.Answer = got => Task.FromResult(got.Id == "a1" && Interlocked.Decrement(ref refusals) >= 0 ? 500 : 200);
        await using var broker = new Broker(folder);
        var sidecar = await broker.SidecarAsync("app", app);
        await Broker.PublishAsync(sidecar.Http, "orders", "a1", "a");
        await Broker.PublishAsync(sidecar.Http, "orders", "a2", "a");
        await Broker.PublishAsync(sidecar.Http, "orders", "b1", "b");
        await app.HasAsync(5);

        var ids = app.Ids().ToList();
        Assert.Equal(3, ids.Count(i => i == "a1"));
        Assert.True(ids.IndexOf("b1") < ids.LastIndexOf("a1"));
        Assert.True(ids.IndexOf("a2") > ids.LastIndexOf("a1"));
    }

    [Fact]
    public async Task What_the_app_refuses_goes_to_the_dead_letter_topic()
    {
        await using var app = await EventApp.StartAsync(WithDeadLetters);
        app.Answer = got => Task.FromResult(got.Path == "/orders" ? 500 : 200);
        await using var broker = new Broker(folder);
        var sidecar = await broker.SidecarAsync("app", app);
        await Broker.PublishAsync(sidecar.Http, "orders", "a1", "a");
        await app.HasAsync(1, "/dead");

        Assert.Equal(["a1"], app.Ids("/orders"));
        Assert.Equal("orders", app.Events.Last().Event.GetProperty("topic").GetString());
    }

    [Fact]
    public async Task What_the_app_drops_goes_to_the_dead_letter_topic()
    {
        await using var app = await EventApp.StartAsync(WithDeadLetters);
        app.Body = got => got.Path == "/orders" ? """{"status":"DROP"}""" : "";
        await using var broker = new Broker(folder);
        var sidecar = await broker.SidecarAsync("app", app);
        await Broker.PublishAsync(sidecar.Http, "orders", "a1", "a");
        await app.HasAsync(1, "/dead");
        Assert.Equal(["a1"], app.Ids("/orders"));
    }

    [Fact]
    public async Task What_was_with_an_app_that_went_away_comes_again_and_is_no_dead_letter()
    {
        await using var app = await EventApp.StartAsync(WithDeadLetters);
        var stuck = new TaskCompletionSource<int>();
        app.Answer = got => got.Path == "/dead" ? Task.FromResult(200) : got.Id == "a1" ? stuck.Task : Task.FromResult(500);
        await using var broker = new Broker(folder);
        var sidecar = await broker.SidecarAsync("app", app, healthChecks: true);
        await Broker.PublishAsync(sidecar.Http, "orders", "a1", "a");
        await app.HasAsync(1, "/orders");

        app.IsHealthy = false;
        await Eventually.TrueAsync(() => Task.FromResult(!sidecar.Sidecar.Context.App.IsHealthy));
        app.IsHealthy = true;
        await app.HasAsync(2, "/orders");
        stuck.SetResult(200);
        await Broker.PublishAsync(sidecar.Http, "orders", "a2", "a");
        await app.HasAsync(1, "/dead");

        Assert.Equal(["a1", "a1", "a2"], app.Ids("/orders"));
        Assert.Equal(["a2"], app.Ids("/dead"));
    }

    [Fact]
    public async Task A_retry_from_before_a_pause_delivers_nothing_a_second_time_after_it()
    {
        await using var app = await EventApp.StartAsync(Orders);
        var (taken, refuses, refusals) = (0, true, 1);
        app.Answer = got => Task.FromResult(got.Id switch
        {
            "1" when Volatile.Read(ref refuses) => 500,
            "1" => Interlocked.Increment(ref taken) > 0 ? 200 : 500,
            _ => Interlocked.Decrement(ref refusals) >= 0 ? 500 : 200,
        });
        await using var broker = new Broker(folder);
        var sidecar = await broker.SidecarAsync("app", app, healthChecks: true);
        await Broker.PublishAsync(sidecar.Http, "orders", "1");
        await app.HasAsync(1);
        app.IsHealthy = false;
        await Eventually.TrueAsync(() => Task.FromResult(!sidecar.Sidecar.Context.App.IsHealthy));
        Volatile.Write(ref refuses, false);
        app.IsHealthy = true;
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref taken) > 0));

        // The retry of this one begins later and takes as long: when it is over, so is the other.
        await Broker.PublishAsync(sidecar.Http, "orders", "2");
        await Eventually.TrueAsync(() => Task.FromResult(app.Ids().Count(id => id == "2") == 2));
        Assert.Equal(1, taken);
    }

    [Fact]
    public async Task A_publish_that_could_not_be_written_is_neither_acknowledged_nor_delivered()
    {
        await using var app = await EventApp.StartAsync(Orders);
        await using var broker = new Broker(folder);
        var sidecar = await broker.SidecarAsync("app", app);
        await Broker.PublishAsync(sidecar.Http, "orders", "1", "k");
        await using (new RefusingTable(folder.File("data/pubsub.db"), "event"))
        {
            using var body = new StringContent("2");
            using var answer = await sidecar.Http.PostAsync(new Uri("v1.0/publish/pubsub/orders?metadata.cloudevent.id=2&metadata.partitionKey=k", UriKind.Relative), body);
            Assert.Equal(System.Net.HttpStatusCode.InternalServerError, answer.StatusCode);
        }
        await Broker.PublishAsync(sidecar.Http, "orders", "3", "k");
        await app.HasAsync(2);
        Assert.Equal(["1", "3"], app.Ids());
    }

    [Fact]
    public async Task An_expired_event_is_not_delivered_but_dead_lettered_and_a_raw_one_is_gone()
    {
        await using var app = await EventApp.StartAsync("""[{"pubsubname":"pubsub","topic":"orders","route":"/orders","deadLetterTopic":"dead"},{"pubsubname":"pubsub","topic":"dead","route":"/dead","metadata":{"rawPayload":"true"}}]""");
        await using var broker = new Broker(folder);
        var sidecar = await broker.SidecarAsync("app", app);
        await Broker.PublishAsync(sidecar.Http, "orders", "old", more: "&metadata.ttlInSeconds=0");
        await app.HasAsync(1, "/dead");
        await Broker.PublishAsync(sidecar.Http, "dead", "raw", "k", "&metadata.ttlInSeconds=0&metadata.rawPayload=true");
        await Broker.PublishAsync(sidecar.Http, "dead", "live", "k");
        await app.HasAsync(2, "/dead");

        Assert.Empty(app.Ids("/orders"));
        Assert.Equal(2, app.Ids("/dead").Count);
    }

    [Fact]
    public async Task Deliveries_pause_while_the_app_is_unhealthy_and_go_on_where_they_were()
    {
        await using var app = await EventApp.StartAsync(Orders);
        await using var broker = new Broker(folder);
        var sidecar = await broker.SidecarAsync("app", app, healthChecks: true);
        await Broker.PublishAsync(sidecar.Http, "orders", "1", "k");
        await app.HasAsync(1);

        app.IsHealthy = false;
        await Eventually.TrueAsync(() => Task.FromResult(!sidecar.Sidecar.Context.App.IsHealthy));
        await Broker.PublishAsync(sidecar.Http, "orders", "2", "k");
        await Broker.PublishAsync(sidecar.Http, "orders", "3", "k");
        Assert.Single(app.Ids());

        app.IsHealthy = true;
        await app.HasAsync(3);
        Assert.Equal(["1", "2", "3"], app.Ids());
    }

    [Fact]
    public async Task A_restart_delivers_what_was_not_acknowledged_and_nothing_else()
    {
        await using var app = await EventApp.StartAsync(Orders);
        app.Answer = got => Task.FromResult(got.Id is "3" or "5" ? 500 : 200);
        await using (var broker = new Broker(folder))
        {
            var sidecar = await broker.SidecarAsync("app", app);
            for (var n = 0; n < 10; n++)
                await Broker.PublishAsync(sidecar.Http, "orders", $"{n}");
            await Eventually.TrueAsync(() => Task.FromResult(app.Ids().Distinct().Count() == 10));
            await Broker.PublishAsync(sidecar.Http, "other", "ignored");
        }
        app.Events.Clear();
        app.Answer = _ => Task.FromResult(200);
        await using var again = new Broker(folder);
        var restarted = await again.SidecarAsync("app", app);
        await Broker.PublishAsync(restarted.Http, "orders", "new");
        await app.HasAsync(3);

        Assert.Equal(["3", "5", "new"], app.Ids().Order());
    }

    [Fact]
    public async Task A_backlog_larger_than_the_memory_is_read_page_by_page_in_order()
    {
        await using var app = await EventApp.StartAsync(Orders);
        await using var broker = new Broker(folder);
        var publisher = await broker.SidecarAsync("publisher");
        await Broker.PublishManyAsync(publisher.Http, "orders", 6000, n => $"k{n % 50}");
        await broker.SidecarAsync("app", app);
        for (var n = 6000; n < 6050; n++)
            await Broker.PublishAsync(publisher.Http, "orders", $"{n}", $"k{n % 50}");
        await Eventually.TrueAsync(() => Task.FromResult(app.Events.Count >= 6050), seconds: 60);

        Assert.Equal(6050, app.Events.Count);
        foreach (var key in app.Events.GroupBy(e => e.Key))
            Assert.Equal(Enumerable.Range(0, 121).Select(i => int.Parse(key.Key!.AsSpan(1), CultureInfo.InvariantCulture) + i * 50), key.Select(e => int.Parse(e.Id, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task One_event_that_always_fails_never_stops_the_others_however_many_they_are()
    {
        await using var app = await EventApp.StartAsync(Orders);
        app.Answer = got => Task.FromResult(got.Id == "stuck" ? 500 : 200);
        await using var broker = new Broker(folder);
        var sidecar = await broker.SidecarAsync("app", app);
        await Broker.PublishAsync(sidecar.Http, "orders", "stuck", "a");
        await app.HasAsync(1);
        await Broker.PublishManyAsync(sidecar.Http, "orders", 5000, _ => "b");
        await Eventually.TrueAsync(() => Task.FromResult(app.Events.Count(e => e.Key == "b") == 5000), seconds: 60);
    }

    [Fact]
    public async Task An_event_that_a_stream_left_unanswered_comes_to_the_next_one()
    {
        await using var broker = new Broker(folder);
        var sidecar = await broker.SidecarAsync("app");
        await Broker.PublishAsync(sidecar.Http, "orders", "1", "k");
        await Broker.PublishAsync(sidecar.Http, "orders", "2", "k");

        await using (var leaving = await EventStream.OpenAsync(sidecar.Grpc, "orders"))
            Assert.Equal("1", (await leaving.NextAsync()).Id);

        await using var stream = await EventStream.OpenAsync(sidecar.Grpc, "orders");
        Assert.Equal("1", (await stream.NextAsync()).Id);
        await stream.AcknowledgeAsync("1");
        Assert.Equal("2", (await stream.NextAsync()).Id);
        await stream.AcknowledgeAsync("2");
    }

    [Fact]
    public async Task Bulk_subscriptions_get_batches_and_repeat_only_what_was_refused_or_not_named()
    {
        await using var app = await EventApp.StartAsync("""[{"pubsubname":"pubsub","topic":"orders","route":"/bulk","bulkSubscribe":{"enabled":true,"maxMessagesCount":10,"maxAwaitDurationMs":200}}]""");
        var (refused, unnamed) = (0, 0);
        app.Body = got => $$"""{"statuses":[{{string.Join(',', got.Event.GetProperty("entries").EnumerateArray().Select(e =>
            $$"""{"entryId":"{{e.GetProperty("entryId").GetString()}}","status":"{{(Id(e) == "7" && Interlocked.Increment(ref refused) == 1 ? "RETRY" : "SUCCESS")}}"}""").Where((_, n) => Id(got.Event.GetProperty("entries")[n]) != "8" || Interlocked.Increment(ref unnamed) > 1))}}]}""";
        await using var broker = new Broker(folder);
        var sidecar = await broker.SidecarAsync("app", app);
        await Broker.PublishManyAsync(sidecar.Http, "orders", 20, _ => "");
        await Eventually.TrueAsync(() => Task.FromResult(Delivered().Count() >= 22));

        Assert.Equal(Enumerable.Range(0, 20).Select(n => $"{n}").Append("7").Append("8").Order(), Delivered().Order());
        Assert.Contains(app.Events, batch => batch.Event.GetProperty("entries").GetArrayLength() > 1);

        static string Id(System.Text.Json.JsonElement entry) => entry.GetProperty("event").GetProperty("id").GetString()!;
        IEnumerable<string> Delivered() => app.Events.SelectMany(batch => batch.Event.GetProperty("entries").EnumerateArray().Select(Id));
    }

    [Theory]
    [InlineData("orders,dead")]
    [InlineData("orders")]
    public async Task What_the_app_drops_of_a_batch_is_dead_lettered_and_comes_again_where_that_is_forbidden(string mayPublish)
    {
        await using var app = await EventApp.StartAsync("""[{"pubsubname":"pubsub","topic":"orders","route":"/bulk","deadLetterTopic":"dead","bulkSubscribe":{"enabled":true,"maxMessagesCount":10,"maxAwaitDurationMs":50}},{"pubsubname":"pubsub","topic":"dead","route":"/dead"}]""");
        var dropped = 0;
        app.Body = got => got.Path == "/dead" ? "" : $$"""{"statuses":[{{string.Join(',', got.Event.GetProperty("entries").EnumerateArray().Select(e =>
            $$"""{"entryId":"{{e.GetProperty("entryId").GetString()}}","status":"{{(Id(e) == "3" && Interlocked.Increment(ref dropped) == 1 ? "DROP" : "SUCCESS")}}"}"""))}}]}""";
        await using var broker = new Broker(folder);
        var sidecar = await broker.SidecarAsync("app", app, metadata: ("publishingScopes", $"app={mayPublish}"));
        await Broker.PublishManyAsync(sidecar.Http, "orders", 5, _ => "");
        if (mayPublish == "orders")
            await Eventually.TrueAsync(() => Task.FromResult(Delivered().Count(id => id == "3") == 2));
        else
            await app.HasAsync(1, "/dead");

        Assert.Equal(mayPublish == "orders" ? [] : ["3"], app.Ids("/dead"));
        Assert.Equal(mayPublish == "orders" ? 6 : 5, Delivered().Count());

        static string Id(System.Text.Json.JsonElement entry) => entry.GetProperty("event").GetProperty("id").GetString()!;
        IEnumerable<string> Delivered() => app.Events.Where(e => e.Path == "/bulk").SelectMany(batch => batch.Event.GetProperty("entries").EnumerateArray().Select(Id));
    }

    [Fact]
    public async Task Members_of_what_is_published_and_answered_are_found_in_any_case()
    {
        await using var app = await EventApp.StartAsync("""[{"PubSubName":"pubsub","Topic":"orders","route":"/bulk","deadLetterTopic":"dead","bulkSubscribe":{"enabled":true,"maxMessagesCount":10,"maxAwaitDurationMs":50}},{"pubsubname":"pubsub","topic":"single","route":"/single","deadLetterTopic":"dead"},{"pubsubname":"pubsub","topic":"dead","route":"/dead"}]""");
        app.Body = got => got.Path switch
        {
            "/bulk" => $$"""{"Statuses":[{{string.Join(',', got.Event.GetProperty("entries").EnumerateArray().Select(e => $$"""{"entryID":"{{e.GetProperty("entryId").GetString()}}","Status":"DROP"}"""))}}]}""",
            "/single" => """{"STATUS":"DROP"}""",
            _ => "",
        };
        await using var broker = new Broker(folder);
        var sidecar = await broker.SidecarAsync("app", app);
        using var entries = new StringContent("""[{"entryID":"1","Event":"x","contenttype":"text/plain","MetaData":{"cloudevent.id":"one"}}]""", Encoding.UTF8, "application/json");
        using var answer = await sidecar.Http.PostAsync(new Uri("v1.0/publish/bulk/pubsub/orders", UriKind.Relative), entries, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        await Broker.PublishAsync(sidecar.Http, "single", "two");

        await app.HasAsync(2, "/dead");
        Assert.Equal(["one", "two"], app.Ids("/dead").Order());
    }

    [Fact]
    public async Task Faults_repeat_reorder_and_delay_events_but_lose_none()
    {
        await using var app = await EventApp.StartAsync(Orders);
        await using var broker = new Broker(folder, EmbeddedFaults.Duplicate | EmbeddedFaults.Reorder | EmbeddedFaults.Delay | EmbeddedFaults.AckLost);
        var sidecar = await broker.SidecarAsync("app", app);
        for (var n = 0; n < 200; n++)
            await Broker.PublishAsync(sidecar.Http, "orders", $"{n:000}", "k");
        await Eventually.TrueAsync(() => Task.FromResult(app.Ids().Distinct().Count() == 200), seconds: 60);

        Assert.True(app.Events.Count > 200, "nothing came twice");
        Assert.NotEqual(app.Ids().Distinct().Order(), app.Ids().Distinct());
    }

    private static void InterlockedMax(ref int target, int value)
    {
        while (Volatile.Read(ref target) is var seen && seen < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }
}
