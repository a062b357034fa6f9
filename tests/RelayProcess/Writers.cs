using System.Collections.Concurrent;
using Quayside.EventSourcing;

namespace Quayside.RelayProcess;

/// <summary>Append one to three events at a time to aggregates of their own; those that go on for ever wait until the broker has what they appended.</summary>
internal sealed class Writers(EventStore store, int events)
{
    private readonly ConcurrentDictionary<(string, long), TaskCompletionSource> _taken = new();

    public Task RunAsync(int aggregates) => Task.WhenAll(Enumerable.Range(0, aggregates).Select(i => Task.Run(() => AppendAsync($"a{i}"))));

    public void Taken(DomainEvent stored) => OnTaken(stored.AggregateId, stored.Version).TrySetResult();

    private async Task AppendAsync(string aggregate)
    {
        for (long version = 0, count = 1; version < events; count = count % 3 + 1)
        {
            var append = new Append(
                aggregate, version, [.. Enumerable.Repeat(new NewEvent("thing.happened", 1, "{}"u8.ToArray()), (int)count)], new EventMetadata(), DateTimeOffset.UtcNow);
            if (await store.AppendAsync(append, CancellationToken.None) is not AppendResult.Appended appended)
                throw new InvalidOperationException($"{aggregate} at {version} was refused");
            version = appended.Version;
            Telling.Say($"committed {aggregate} {version}");
            if (events == int.MaxValue)
                await OnTaken(aggregate, version).Task;
        }
    }

    private TaskCompletionSource OnTaken(string aggregate, long version) => _taken.GetOrAdd((aggregate, version), _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
