using Quayside.EventSourcing;

namespace Quayside.Outbox;

/// <summary>Gives one committed event to the broker; completes when the broker has taken it, throws when that is not sure.</summary>
public delegate Task PublishEvent(DomainEvent stored, CancellationToken cancellationToken);

/// <summary>Bounds and times of a relay.</summary>
public sealed record RelayOptions
{
    /// <summary>Publishes in flight at most; all events of one aggregate take the same lane, one after the other.</summary>
    public int Lanes { get; init; } = 32;

    /// <summary>Events read and not yet passed by the progress.</summary>
    public int Window { get; init; } = 512;

    /// <summary>How long a dead relay keeps another from taking over.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Progress is saved this often at most: a crash repeats what was published in between.</summary>
    public TimeSpan SaveEvery { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Retries never end; a short pause lets the orders of a restarted broker move at once.</summary>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromSeconds(2);
}
