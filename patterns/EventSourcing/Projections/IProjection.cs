using Quayside.EventSourcing.Sqlite;

namespace Quayside.EventSourcing.Projections;

/// <summary>A table derived from events, in the file of the events. It can be dropped and built again at any time.</summary>
public interface IProjection
{
    /// <summary>Name of the table that queries read.</summary>
    string Name { get; }

    /// <summary>Raise it with the shape or meaning of the table: the next start builds it anew.</summary>
    int Version { get; }

    /// <summary>Creates the table under the given name; names of its indexes begin with that name.</summary>
    void Create(SqliteSession session, string table);

    /// <summary>Applies events in order. Called in the transaction that moves the checkpoint, so each event counts once.</summary>
    void Apply(SqliteSession session, string table, IReadOnlyList<DomainEvent> events);
}
