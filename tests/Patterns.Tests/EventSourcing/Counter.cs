using System.Text.Json.Serialization.Metadata;
using Quayside.EventSourcing;

namespace Quayside.Patterns.Tests.EventSourcing;

internal abstract record CounterEvent
{
    public sealed record Increased(int By, int Before) : CounterEvent;
}

internal sealed record Increase(int By);

internal sealed record TooMuch(int Value);

internal static class Counter
{
    public static readonly Decider<int, Increase, CounterEvent, TooMuch> Decider = new(
        0,
        (value, command, _) => value + command.By > 1000 ? new TooMuch(value) : new CounterEvent.Increased(command.By, value),
        (value, happened) => happened is CounterEvent.Increased increased ? value + increased.By : value);

    public static readonly EventCodec<CounterEvent> Codec = new EventCodec<CounterEvent>(new DefaultJsonTypeInfoResolver())
        .Map<CounterEvent.Increased>("counter.increased");

    public static DeciderRunner<int, Increase, CounterEvent, TooMuch> Over(EventStore store) =>
        new(Decider, Codec, _ => store, TimeProvider.System);

    public static Append Event(string aggregate, long expected, string? commandId = null, int count = 1) => new(
        aggregate, expected, [.. Enumerable.Repeat(Codec.Encode(new CounterEvent.Increased(1, 0)), count)],
        new EventMetadata(CommandId: commandId), DateTimeOffset.UnixEpoch);

    /// <summary>Completes when all that was committed can be read. On PostgreSQL a transaction of another test holds readers up while it is open.</summary>
    public static async Task SettleAsync(this EventStore store)
    {
        var (token, last) = (TestContext.Current.CancellationToken, await store.ReadLastAsync(TestContext.Current.CancellationToken));
        while ((await store.ReadPageAsync(Cursor.Start, 1, ["none"], token)).End < last)
            await Task.Delay(5, token);
    }
}
