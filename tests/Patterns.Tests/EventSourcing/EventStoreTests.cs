using System.Text;
using System.Text.Json;
using Quayside.EventSourcing;
using Quayside.Servers;
using static Quayside.Patterns.Tests.EventSourcing.Counter;

namespace Quayside.Patterns.Tests.EventSourcing;

public sealed class SqliteEventStoreTests() : EventStoreTests(new SqliteFiles());

public sealed class PostgresEventStoreTests(PostgresServer server) : EventStoreTests(new PostgresSchemas(server));

public abstract class EventStoreTests(Databases databases) : IAsyncLifetime
{
    private EventStore _store = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = new EventStore(await databases.AtAsync("events"));

    public async ValueTask DisposeAsync()
    {
        await (_store?.DisposeAsync() ?? default);
        await databases.DisposeAsync();
    }

    [Fact]
    public async Task Of_two_writers_with_the_same_expected_version_one_wins_and_the_other_hears_the_actual_version()
    {
        var results = await Task.WhenAll(_store.AppendAsync(Event("a", 0, count: 2), Token), _store.AppendAsync(Event("a", 0, count: 2), Token));
        Assert.Single(results.OfType<AppendResult.Appended>());
        Assert.Equal(2, Assert.Single(results.OfType<AppendResult.Conflict>()).ActualVersion);
        Assert.Equal([1, 2], await VersionsAsync("a"));
    }

    [Fact]
    public async Task A_command_id_that_is_in_the_stream_appends_nothing_whatever_version_is_expected()
    {
        await _store.AppendAsync(Event("a", 0, "command-1"), Token);
        await _store.AppendAsync(Event("a", 1), Token);
        Assert.Equal(new AppendResult.AlreadyDone(1), await _store.AppendAsync(Event("a", 2, "command-1"), Token));
        Assert.Equal(new AppendResult.AlreadyDone(1), await _store.AppendAsync(Event("a", 0, "command-1"), Token));
        Assert.IsType<AppendResult.Appended>(await _store.AppendAsync(Event("b", 0, "command-1"), Token));
        Assert.Equal([1, 2], await VersionsAsync("a"));
    }

    [Fact]
    public async Task Fifty_writers_on_one_aggregate_lose_nothing_and_leave_no_gap()
    {
        var runner = Over(_store);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(
            () => runner.HandleAsync("a", new Increase(1), new EventMetadata(CommandId: $"c{i}"), Token), Token)));

        var stream = await _store.ReadStreamAsync("a", Token);
        Assert.Equal(Enumerable.Range(1, 50).Select(i => (long)i), stream.Select(e => e.Version));
        Assert.Equal(50, (await runner.LoadAsync("a", Token)).State);
        var decidedOn = stream.Select(e => ((CounterEvent.Increased)Codec.Decode(e)).Before);
        Assert.Equal(Enumerable.Range(0, 50), decidedOn);
    }

    [Fact]
    public async Task A_repeated_command_hears_its_first_answer_even_where_it_would_be_refused_now()
    {
        var runner = Over(_store);
        await runner.HandleAsync("a", new Increase(600), new EventMetadata(CommandId: "first"), Token);
        await runner.HandleAsync("a", new Increase(300), new EventMetadata(CommandId: "second"), Token);

        var repeated = await runner.HandleAsync("a", new Increase(600), new EventMetadata(CommandId: "first"), Token);
        Assert.True(repeated is { AlreadyDone: true, Refusal: null, State: 900 });
        var refused = await runner.HandleAsync("a", new Increase(600), new EventMetadata(CommandId: "third"), Token);
        Assert.Equal(new TooMuch(900), refused.Refusal);
        Assert.Equal(2, refused.Version);
    }

    [Fact]
    public async Task Work_that_throws_undoes_only_itself()
    {
        var good = Enumerable.Range(0, 20).Select(i => _store.AppendAsync(Event($"good-{i}", 0), Token)).ToList();
        var bad = _store.WriteAsync<int>(
            "bad",
            async transaction =>
            {
                await transaction.AppendAsync(Event("bad", 0));
                throw new InvalidOperationException("changed my mind");
            },
            Token);
        good.AddRange(Enumerable.Range(20, 20).Select(i => _store.AppendAsync(Event($"good-{i}", 0), Token)));

        Assert.All(await Task.WhenAll(good), result => Assert.IsType<AppendResult.Appended>(result));
        await Assert.ThrowsAsync<InvalidOperationException>(() => bad);
        Assert.Empty(await VersionsAsync("bad"));
        await _store.SettleAsync();
        Assert.Equal(40, (await _store.ReadAfterAsync(Cursor.Start, 100, Token)).Count);
    }

    [Fact]
    public async Task The_global_order_is_that_of_the_appends_and_can_be_read_from_any_cursor()
    {
        for (var i = 0; i < 10; i++)
            await _store.AppendAsync(Event($"a{i % 3}", i / 3), Token);
        await _store.SettleAsync();
        var all = await _store.ReadAfterAsync(Cursor.Start, 100, Token);
        Assert.Equal(10, all.Count);
        Assert.Equal(all.Select(e => e.Cursor).Order(), all.Select(e => e.Cursor));
        var rest = await _store.ReadAfterAsync(all[5].Cursor, 2, Token);
        Assert.Equal(all.Skip(6).Take(2).Select(e => e.Cursor), rest.Select(e => e.Cursor));
        Assert.Equal(all[^1].Cursor, await _store.ReadLastAsync(Token));
    }

    [Fact]
    public async Task Whoever_waits_for_the_next_append_is_woken_by_it()
    {
        var next = _store.NextAppend;
        Assert.False(next.IsCompleted);
        await _store.AppendAsync(Event("a", 0), Token);
        await next.WaitAsync(TimeSpan.FromSeconds(5), Token);
    }

    [Fact]
    public async Task Nobody_is_woken_before_the_append_is_committed()
    {
        var (appended, commit) = (new TaskCompletionSource(), new TaskCompletionSource());
        var next = _store.NextAppend;
        var append = _store.WriteAsync(
            "a",
            async transaction =>
            {
                await transaction.AppendAsync(Event("a", 0));
                appended.SetResult();
                await commit.Task;
                return true;
            },
            Token);
        await appended.Task;
        var tooEarly = next.IsCompleted;
        commit.SetResult();
        await append;
        Assert.False(tooEarly);
        await next.WaitAsync(TimeSpan.FromSeconds(5), Token);
    }

    [Fact]
    public async Task An_append_of_another_process_wakes_whoever_waits()
    {
        await using var other = new EventStore(await databases.AtAsync("events"));
        using var stop = new CancellationTokenSource();
        var watching = _store.WatchAsync(stop.Token);
        // a watch may begin with a look of its own, so the second append is the one that tells
        for (var version = 0; version < 2; version++)
        {
            var next = _store.NextAppend;
            await other.AppendAsync(Event("a", version), Token);
            await next.WaitAsync(TimeSpan.FromSeconds(20), Token);
        }
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
    }

    [Fact]
    public async Task A_transaction_is_for_one_aggregate() => await Assert.ThrowsAsync<ArgumentException>(() =>
        _store.WriteAsync("a", transaction => transaction.AppendAsync(Event("b", 0)), Token));

    [Fact]
    public async Task A_page_has_the_types_that_were_asked_for_and_ends_where_nothing_is_missed()
    {
        await _store.AppendAsync(Event("a", 0, count: 3), Token);
        await _store.AppendAsync(new Append("b", 0, [new NewEvent("other", 1, "{}"u8.ToArray())], new EventMetadata(), DateTimeOffset.UnixEpoch), Token);
        await _store.SettleAsync();
        var first = await _store.ReadPageAsync(Cursor.Start, 2, ["counter.increased"], Token);
        Assert.True(first is { IsFull: true, Events.Count: 2 });
        var second = await _store.ReadPageAsync(first.End, 2, ["counter.increased"], Token);
        Assert.Equal((false, 3L), (second.IsFull, Assert.Single(second.Events).Event.Version));
        var nothing = await _store.ReadPageAsync(second.End, 2, ["counter.increased", "other"], Token);
        Assert.Equal((false, 0), (nothing.IsFull, nothing.Events.Count));
        await _store.AppendAsync(Event("a", 3), Token);
        await _store.SettleAsync();
        Assert.Equal(4, Assert.Single((await _store.ReadPageAsync(nothing.End, 2, ["counter.increased", "other"], Token)).Events).Event.Version);
    }

    [Fact]
    public async Task Events_come_back_as_they_were_appended_and_the_sealed_part_stays_out_of_the_envelope()
    {
        var at = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero).AddTicks(1234567);
        var metadata = new EventMetadata("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "correlation", "cause", "command", "actor");
        var added = new NewEvent("thing.happened", 3, """{"weight":12345678901234567890,"name":"Żółw"}"""u8.ToArray(), "secret"u8.ToArray());
        await _store.AppendAsync(new Append("a", 0, [added], metadata, at), Token);

        var stored = Assert.Single(await _store.ReadStreamAsync("a", Token));
        Assert.Equal((at, metadata, 3, "thing.happened", 1L), (stored.Timestamp, stored.Metadata, stored.SchemaVersion, stored.EventType, stored.Version));
        Assert.Equal("secret"u8.ToArray(), stored.Sealed.ToArray());
        var json = Encoding.UTF8.GetString(Envelope.ToJson(stored));
        Assert.DoesNotContain("secret", json);
        Assert.Contains("""
            "data":{"weight":12345678901234567890,"name":"Żółw"}
            """, json);
        var names = JsonDocument.Parse(json).RootElement.EnumerateObject().Select(p => p.Name);
        Assert.Equal(["eventId", "aggregateId", "eventType", "schemaVersion", "data", "metadata", "timestamp", "version"], names);
    }

    [Fact]
    public async Task A_reopened_store_goes_on_where_it_stopped()
    {
        await _store.AppendAsync(Event("a", 0, "c1"), Token);
        var last = await _store.ReadLastAsync(Token);
        await _store.DisposeAsync();
        _store = new EventStore(await databases.AtAsync("events"));
        Assert.IsType<AppendResult.AlreadyDone>(await _store.AppendAsync(Event("a", 1, "c1"), Token));
        var appended = Assert.IsType<AppendResult.Appended>(await _store.AppendAsync(Event("a", 1, "c2"), Token));
        Assert.True(appended.Cursor > last);
    }

    private async Task<IEnumerable<long>> VersionsAsync(string aggregate) =>
        (await _store.ReadStreamAsync(aggregate, Token)).Select(e => e.Version);
}
