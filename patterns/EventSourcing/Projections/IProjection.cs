using Quayside.EventSourcing.Sql;

namespace Quayside.EventSourcing.Projections;

/// <summary>A table derived from events, in the database of the events. It can be dropped and built again at any time.</summary>
public interface IProjection
{
    /// <summary>Name of the table that queries read.</summary>
    string Name { get; }

    /// <summary>Raise it with the shape or meaning of the table: the next start builds it anew.</summary>
    int Version { get; }

    /// <summary>Creates the table under the given name; names of its indexes begin with that name.</summary>
    ValueTask CreateAsync(SqlSession session, string table);

    /// <summary>
    /// Applies events, those of one aggregate in order; between aggregates there is no order when the table is built anew. Called in the transaction that
    /// moves the checkpoint, so each event counts once.
    /// </summary>
    ValueTask ApplyAsync(SqlSession session, string table, IReadOnlyList<DomainEvent> events);

    /// <summary>Deletes what belongs to buckets that have moved to another shard. Nothing to do where they never move.</summary>
    ValueTask RemoveAsync(SqlSession session, string table, IReadOnlyList<int> buckets) => ValueTask.CompletedTask;
}
