using System.Collections.Concurrent;
using Quayside.EventSourcing;

namespace Quayside.Patterns.Tests.Outbox;

/// <summary>A broker that a test can stop, break and look into.</summary>
internal sealed class RecordingBroker
{
    private readonly Lock _lock = new();
    private readonly List<DomainEvent> _taken = [];
    private readonly ConcurrentDictionary<string, int> _inFlight = new();
    private readonly Signal _changed = new();
    private int _parallel;

    public Func<DomainEvent, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    public int MostParallel { get; private set; }

    public bool TwoOfOneAggregateAtOnce { get; private set; }

    public IReadOnlyList<DomainEvent> Taken
    {
        get
        {
            lock (_lock)
                return [.. _taken];
        }
    }

    public async Task PublishAsync(DomainEvent stored, CancellationToken cancellationToken)
    {
        TwoOfOneAggregateAtOnce |= _inFlight.AddOrUpdate(stored.AggregateId, 1, (_, n) => n + 1) > 1;
        lock (_lock)
            MostParallel = Math.Max(MostParallel, ++_parallel);
        try
        {
            await Before(stored, cancellationToken);
            lock (_lock)
                _taken.Add(stored);
        }
        finally
        {
            lock (_lock)
                _parallel--;
            _inFlight.AddOrUpdate(stored.AggregateId, 0, (_, n) => n - 1);
            _changed.Raise();
        }
    }

    public async Task WaitForAsync(Func<IReadOnlyList<DomainEvent>, bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var changed = _changed.Next;
            if (condition(Taken))
                return;
            await changed.WaitAsync(deadline.Token);
        }
    }
}
