namespace Quayside.Orders.Live;

/// <summary>Section <c>Orders:Live</c> of the configuration.</summary>
public sealed class LiveOptions
{
    /// <summary>A comment line after so long without an event: what lies between keeps the connection, and a dead one is noticed.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Streams of one user that a replica keeps open.</summary>
    public int StreamsPerUser { get; set; } = 10;

    /// <summary>Streams of all users that a replica keeps open.</summary>
    public int Streams { get; set; } = 2_000;
}
