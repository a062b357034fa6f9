using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging.Abstractions;
using Quayside.EventSourcing;
using Quayside.EventSourcing.Snapshots;
using Quayside.EventSourcing.Sql;
using Quayside.Outbox;

namespace Quayside.Bench.EventLoad;

/// <summary>One store, one kind of load after the other.</summary>
internal static class StoreLoad
{
    private const int Writers = 16;
    private const int LongStream = 1_000;
    private const int Repeats = 200;

    /// <summary>512 bytes of JSON.</summary>
    private static readonly NewEvent Added = new("thing.happened", 1, System.Text.Encoding.ASCII.GetBytes($$"""{"text":"{{new string('x', 501)}}"}"""));

    private sealed record Happened(string Text);

    public static async Task RunAsync(string name, Func<string, DatabaseAddress> address, int events, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("quayside-bench-").FullName;
        try
        {
            await using var store = new EventStore(address(folder), OutboxRelay.Schema + SnapshotTable.Schema);
            await AppendAsync(store, events / 10, cancellationToken);
            var rate = await AppendAsync(store, events, cancellationToken);
            Console.WriteLine($"{name}: {rate:N0} appends/s ({Writers} writers, 1 event of {Added.Data.Length} bytes each)");
            await LoadAsync(name, store, cancellationToken);
            await PublishAsync(name, store, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> AppendAsync(EventStore store, int events, CancellationToken cancellationToken)
    {
        var (clock, left) = (Stopwatch.StartNew(), events);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(
            async () =>
            {
                while (Interlocked.Decrement(ref left) >= 0)
                    await AppendAsync(store, Guid.NewGuid().ToString(), 0, cancellationToken);
            },
            cancellationToken)));
        return events / clock.Elapsed.TotalSeconds;
    }

    private static async Task AppendAsync(EventStore store, string id, long version, CancellationToken cancellationToken)
    {
        if (await store.AppendAsync(new Append(id, version, [Added], new EventMetadata(), DateTimeOffset.UtcNow), cancellationToken) is not AppendResult.Appended)
            throw new InvalidOperationException("an append was refused");
    }

    private static async Task LoadAsync(string name, EventStore store, CancellationToken cancellationToken)
    {
        var append = new Append("long", 0, [.. Enumerable.Repeat(Added, LongStream)], new EventMetadata(), DateTimeOffset.UtcNow);
        await store.AppendAsync(append, cancellationToken);
        var json = new DefaultJsonTypeInfoResolver();
        var codec = new EventCodec<Happened>(json).Map<Happened>(Added.EventType);
        var decider = new Decider<int, string, Happened, string>(0, (_, _, _) => "no", (count, _) => count + 1);
        var plain = new DeciderRunner<int, string, Happened, string>(decider, codec, _ => store, TimeProvider.System);
        var snapshots = new Snapshotting<int>(new SnapshotTable(_ => store), new SnapshotCodec<int>(json, 1), 100, NullLogger.Instance);
        var quick = new DeciderRunner<int, string, Happened, string>(decider, codec, _ => store, TimeProvider.System, snapshots);
        var (whole, tail) = (await MedianAsync(plain), await MedianAsync(quick));
        Console.WriteLine($"{name}: an aggregate of {LongStream} events is loaded in {whole.TotalMilliseconds:N2} ms, with a snapshot in {tail.TotalMilliseconds:N3} ms (medians)");

        async Task<TimeSpan> MedianAsync(DeciderRunner<int, string, Happened, string> runner)
        {
            var times = new List<TimeSpan>();
            for (var i = 0; i < Repeats; i++)
            {
                var clock = Stopwatch.GetTimestamp();
                await runner.LoadAsync("long", cancellationToken);
                times.Add(Stopwatch.GetElapsedTime(clock));
            }
            return times.Order().ElementAt(Repeats / 2);
        }
    }

    /// <summary>A thousand events, one every two milliseconds, to a broker that takes everything at once.</summary>
    private static async Task PublishAsync(string name, EventStore store, CancellationToken cancellationToken)
    {
        const int Count = 1_000;
        var (committed, lags) = (new ConcurrentDictionary<string, long>(), new ConcurrentQueue<TimeSpan>());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var relay = new OutboxRelay(store, PublishAsync, new RelayOptions(), TimeProvider.System, NullLogger<OutboxRelay>.Instance);
        var running = relay.RunAsync(stop.Token);
        await AppendAsync(store, "last of the load", 0, cancellationToken);
        while (!committed.ContainsKey("caught up"))
            await Task.Delay(100, cancellationToken);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        for (var i = 0; i < Count; i++)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            var id = $"timed-{i}";
            committed[id] = long.MaxValue;
            await AppendAsync(store, id, 0, cancellationToken);
            // published before its append was answered: no lag at all
            if (!committed.TryUpdate(id, Stopwatch.GetTimestamp(), long.MaxValue))
                lags.Enqueue(TimeSpan.Zero);
        }
        while (lags.Count < Count)
            await Task.Delay(50, cancellationToken);
        await stop.CancelAsync();
        await running;
        var sorted = lags.Order().ToArray();
        Console.WriteLine($"{name}: from commit to broker {sorted[Count / 2].TotalMilliseconds:N2} ms (p50), {sorted[Count * 99 / 100].TotalMilliseconds:N2} ms (p99)");

        Task PublishAsync(DomainEvent stored, CancellationToken token)
        {
            if (stored.AggregateId == "last of the load")
                committed["caught up"] = 0;
            if (!stored.AggregateId.StartsWith("timed-", StringComparison.Ordinal))
                return Task.CompletedTask;
            var now = Stopwatch.GetTimestamp();
            if (!committed.TryUpdate(stored.AggregateId, 0, long.MaxValue))
                lags.Enqueue(Stopwatch.GetElapsedTime(committed[stored.AggregateId], now));
            return Task.CompletedTask;
        }
    }
}
