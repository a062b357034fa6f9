namespace Quayside.EventSourcing.Snapshots;

/// <summary>Snapshots in the database of the events.</summary>
/// <param name="storeOf">The shard of an aggregate, opened with <see cref="Schema"/>.</param>
public sealed class SnapshotTable(Func<string, EventStore> storeOf) : ISnapshotStore
{
    public const string Schema = """
        CREATE TABLE IF NOT EXISTS snapshots (
            aggregate_id TEXT PRIMARY KEY,
            version BIGINT NOT NULL,
            event_id BYTEA NOT NULL,
            schema_version INTEGER NOT NULL,
            data BYTEA NOT NULL);
        """;

    public ValueTask<Snapshot?> FindAsync(string aggregateId, CancellationToken cancellationToken) => storeOf(aggregateId).Database.ReadAsync(
        session => session.ReadFirstAsync(
            "SELECT version, event_id, schema_version, data FROM snapshots WHERE aggregate_id = $1",
            row => new Snapshot(aggregateId, row.GetInt64(0), new Guid(row.GetFieldValue<byte[]>(1), bigEndian: true), row.GetInt32(2), row.GetFieldValue<byte[]>(3)),
            aggregateId),
        cancellationToken);

    public async ValueTask SaveAsync(Snapshot snapshot, CancellationToken cancellationToken) => await storeOf(snapshot.AggregateId).Database.WriteOneAsync(
        session => session.ExecuteAsync(
            """
            INSERT INTO snapshots VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (aggregate_id) DO UPDATE SET version = $2, event_id = $3, schema_version = $4, data = $5 WHERE snapshots.version <= $2
            """,
            snapshot.AggregateId, snapshot.Version, snapshot.EventId.ToByteArray(bigEndian: true), snapshot.SchemaVersion, snapshot.Data.ToArray()),
        cancellationToken);
}
