using System.Text;
using System.Text.Json.Serialization.Metadata;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging;
using Quayside.EventSourcing;
using Quayside.EventSourcing.Snapshots;
using Quayside.EventSourcing.Sql;
using Runner = Quayside.EventSourcing.DeciderRunner<
    Quayside.Patterns.Tests.EventSourcing.BasketState, Quayside.Patterns.Tests.EventSourcing.BasketCommand, Quayside.Patterns.Tests.EventSourcing.BasketEvent, string>;

namespace Quayside.Patterns.Tests.EventSourcing;

public sealed class SnapshotTests : IAsyncLifetime
{
    private static readonly SnapshotCodec<BasketState> Codec = new(new DefaultJsonTypeInfoResolver(), schemaVersion: 2);

    private readonly TempFolder _folder = new();
    private readonly SnapshotMemory _snapshots = new();
    private readonly LogLines _log = new();
    private EventStore _store = null!;
    private int _baskets;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _store = new EventStore(new DatabaseAddress.Sqlite(_folder.File("events.db")));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public void A_snapshot_anywhere_and_the_events_after_it_are_the_whole_stream() => ForAnyStream(async (id, stream) =>
    {
        var whole = await Plain().LoadAsync(id, Token);
        for (var at = 1; at <= stream.Count; at++)
        {
            _snapshots.Kept[id] = Codec.Encode(id, at, stream[at - 1].EventId, Fold(stream.Take(at)));
            var loaded = await Snapshotting(int.MaxValue).LoadAsync(id, Token);
            Assert.Equal((whole.State.ToString(), whole.Version), (loaded.State.ToString(), loaded.Version));
        }
        Assert.Empty(_log.Lines);
    });

    [Fact]
    public void Replaying_any_prefix_gives_the_state_that_its_commands_led_to() => Check.QuickThrowOnFailure(Prop.ForAll(AnyBasket.Commands, commands =>
    {
        var (live, replayed) = (BasketState.Empty, BasketState.Empty);
        foreach (var command in commands)
        {
            var decided = Basket.Decider.Decide(live, command, default).Events;
            live = decided.Aggregate(live, Basket.Decider.Evolve);
            replayed = decided.Select(Basket.Codec.Encode).Aggregate(replayed, (state, written) => Basket.Decider.Evolve(state, Basket.Codec.Decode(
                new DomainEvent(Guid.Empty, "b", written.EventType, written.SchemaVersion, written.Data, new EventMetadata(), default, 1))));
            Assert.Equal(live.ToString(), replayed.ToString());
        }
    }));

    [Fact]
    public void Commands_are_answered_alike_with_snapshots_and_without() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(30),
        Prop.ForAll(AnyBasket.Commands, Gen.Choose(1, 9).ToArbitrary(), async (commands, every) =>
        {
            var (id, other) = ($"b{_baskets++}", $"b{_baskets++}");
            foreach (var command in commands)
            {
                var with = await Snapshotting(every).HandleAsync(id, command, new EventMetadata(), Token);
                var without = await Plain().HandleAsync(other, command, new EventMetadata(), Token);
                Assert.Equal(Text(without), Text(with));
            }
            // the law means something only where snapshots were made
            if ((await _store.ReadStreamAsync(id, Token)).Count > every)
                Assert.True(_snapshots.Kept.ContainsKey(id));
            Assert.Empty(_log.Lines);
        }));

    public static TheoryData<string> Spoilt => ["of an older payload", "of a newer payload", "of another stream", "of a later event", "of no event", "of another aggregate", "empty", "{}", "null", "[1]", "cut"];

    [Theory]
    [MemberData(nameof(Spoilt))]
    public async Task A_snapshot_that_is_of_no_use_changes_nothing_but_speed(string how)
    {
        var stream = await AppendAsync("b", Enumerable.Range(1, 20).Select(i => new BasketEvent.ItemAdded($"s{i}", 1, new Price(i, "EUR"))));
        // its content is wrong, so that whoever believes it is found out
        var lie = Codec.Encode("b", 10, stream[9].EventId, Fold(stream.Take(3)));
        _snapshots.Kept["b"] = how switch
        {
            "of an older payload" => lie with { SchemaVersion = 1 },
            "of a newer payload" => lie with { SchemaVersion = 3 },
            "of another stream" => lie with { EventId = Guid.NewGuid() },
            "of a later event" => lie with { Version = 21 },
            "of no event" => lie with { Version = 0 },
            "of another aggregate" => lie with { AggregateId = "c" },
            "empty" => lie with { Data = default },
            "cut" => lie with { Data = lie.Data[..^1] },
            _ => lie with { Data = Encoding.UTF8.GetBytes(how) },
        };
        var loaded = await Snapshotting(every: 20).LoadAsync("b", Token);
        Assert.Equal((Fold(stream).ToString(), 20L), (loaded.State.ToString(), loaded.Version));
        // and it is made anew
        Assert.Equal([20], _snapshots.Saved);
        Assert.Equal(how is "of another aggregate" or "of an older payload" or "of a newer payload" ? 0 : 1, _log.Lines.Count);
    }

    [Fact]
    public async Task Bytes_at_random_in_place_of_a_snapshot_change_nothing()
    {
        var stream = await AppendAsync("b", Enumerable.Range(1, 5).Select(i => new BasketEvent.ItemAdded($"s{i}", 1, new Price(i, "EUR"))));
        Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), async bytes =>
        {
            _snapshots.Kept["b"] = Codec.Encode("b", 5, stream[4].EventId, BasketState.Empty) with { Data = bytes };
            Assert.Equal(Fold(stream).ToString(), (await Snapshotting(int.MaxValue).LoadAsync("b", Token)).State.ToString());
        }));
    }

    [Fact]
    public async Task A_snapshot_is_made_by_each_load_that_had_to_fold_as_many_events_as_the_policy_says()
    {
        var runner = Snapshotting(every: 10);
        for (var i = 0; i < 35; i++)
            await runner.HandleAsync("b", new BasketCommand.Add("a", 1, new Price(1, "EUR"), null), new EventMetadata(), Token);
        Assert.Equal([10, 20, 30], _snapshots.Saved);
        Assert.Equal(35, (await runner.LoadAsync("b", Token)).Version);
        Assert.Equal([10, 20, 30], _snapshots.Saved);
    }

    [Fact]
    public async Task A_snapshot_store_that_is_down_fails_no_command_and_is_told_in_the_log()
    {
        var stream = await AppendAsync("b", Enumerable.Range(1, 20).Select(i => new BasketEvent.ItemAdded($"s{i}", 1, new Price(i, "EUR"))));
        (_snapshots.OnFind, _snapshots.OnSave) = (new TimeoutException(), new OperationCanceledException());
        var runner = Snapshotting(every: 1);
        Assert.Equal(Fold(stream).ToString(), (await runner.LoadAsync("b", Token)).State.ToString());
        var handled = await runner.HandleAsync("b", new BasketCommand.CheckOut(), new EventMetadata(), Token);
        Assert.True(handled is { Refusal: null, State.IsCheckedOut: true, Version: 21 });
        Assert.Equal(2, _log.Lines.Count(line => line.Contains("cannot be read", StringComparison.Ordinal)));
        Assert.Equal(2, _log.Lines.Count(line => line.Contains("was not saved", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Who_gives_up_while_a_snapshot_is_looked_for_is_told_so()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        _snapshots.OnFind = new OperationCanceledException(stop.Token);
        await Assert.ThrowsAsync<OperationCanceledException>(() => Snapshotting(1).LoadAsync("b", stop.Token).AsTask());
        Assert.Empty(_log.Lines);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_policy_of_no_events_is_refused(int every) => Assert.Throws<ArgumentOutOfRangeException>(() => Snapshotting(every));

    private void ForAnyStream(Func<string, IReadOnlyList<DomainEvent>, Task> law) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(40),
        Prop.ForAll(AnyBasket.Commands, async commands =>
        {
            var id = $"b{_baskets++}";
            await law(id, await AppendAsync(id, AnyBasket.Decide(commands)));
        }));

    private async Task<IReadOnlyList<DomainEvent>> AppendAsync(string id, IEnumerable<BasketEvent> history)
    {
        await _store.AppendAsync(new Append(id, 0, [.. history.Select(Basket.Codec.Encode)], new EventMetadata(), DateTimeOffset.UnixEpoch), Token);
        return await _store.ReadStreamAsync(id, Token);
    }

    private Runner Plain() => new(Basket.Decider, Basket.Codec, _ => _store, TimeProvider.System);

    private Runner Snapshotting(int every) =>
        new(Basket.Decider, Basket.Codec, _ => _store, TimeProvider.System, new Snapshotting<BasketState>(_snapshots, Codec, every, _log));

    private static BasketState Fold(IEnumerable<DomainEvent> stream) => stream.Select(Basket.Codec.Decode).Aggregate(BasketState.Empty, Basket.Decider.Evolve);

    private static string Text(Handled<BasketState, string> handled) => $"{handled.State} {handled.Version} {handled.Refusal} {handled.AlreadyDone}";

    private sealed class LogLines : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
