namespace Quayside.EventSourcing;

/// <summary>Events that one command adds to one aggregate: all or none.</summary>
/// <param name="ExpectedVersion">The version that the decision was made on; 0 for a new aggregate.</param>
/// <param name="Metadata">Its <see cref="EventMetadata.CommandId"/>, if any, makes the append idempotent.</param>
public sealed record Append(
    string AggregateId,
    long ExpectedVersion,
    IReadOnlyList<NewEvent> Events,
    EventMetadata Metadata,
    DateTimeOffset Timestamp);

/// <summary>How an append ended. A conflict is an answer: decide again on the newer events.</summary>
public abstract record AppendResult
{
    private AppendResult() { }

    public sealed record Appended(long Version, Cursor Cursor) : AppendResult;

    /// <summary>Somebody else was first; nothing was written.</summary>
    public sealed record Conflict(long ActualVersion) : AppendResult;

    /// <summary>The command id is in the stream already; nothing was written.</summary>
    public sealed record AlreadyDone(long Version) : AppendResult;

    /// <summary>The aggregate's bucket is on another shard, or on its way to it; nothing was written.</summary>
    public sealed record Moved : AppendResult;
}
