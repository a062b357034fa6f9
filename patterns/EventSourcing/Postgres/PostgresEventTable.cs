using Quayside.EventSourcing.Sql;

namespace Quayside.EventSourcing.Postgres;

/// <summary>
/// Transactions commit in any order, and a position given out early may be committed late. So the order is (transaction id, position), and readers
/// stop before the oldest transaction of the server that is still open: what they have passed stays as it is.
/// </summary>
/// <remarks>A transaction that stays open, whatever it does, holds the readers up: give the server an idle_in_transaction_session_timeout.</remarks>
internal sealed class PostgresEventTable : EventTable
{
    // The whole append in one round trip. The lock comes before the transaction gets its id, so ids follow the versions of an aggregate.
    public override string Schema => """
        CREATE TABLE IF NOT EXISTS events (
            tx BIGINT NOT NULL,
            position BIGINT GENERATED ALWAYS AS IDENTITY,
            aggregate_id TEXT NOT NULL,
            version BIGINT NOT NULL,
            event_id BYTEA NOT NULL,
            event_type TEXT NOT NULL,
            schema_version INTEGER NOT NULL,
            data BYTEA NOT NULL,
            sealed BYTEA,
            command_id TEXT,
            metadata BYTEA NOT NULL,
            timestamp BIGINT NOT NULL,
            PRIMARY KEY (aggregate_id, version));
        CREATE UNIQUE INDEX IF NOT EXISTS events_in_order ON events (tx, position);
        CREATE INDEX IF NOT EXISTS events_by_command ON events (aggregate_id, command_id) WHERE command_id IS NOT NULL;
        DO $$ BEGIN
            IF (SELECT max(tx) FROM events) >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint THEN
                RAISE EXCEPTION 'The events of % come from another server, and would not be read before this one has counted as many transactions: restore a copy of the server, not a dump of the tables', current_schema();
            END IF;
        END $$;
        CREATE OR REPLACE FUNCTION append_events(
            aggregate VARCHAR, expected BIGINT, command VARCHAR, at_ticks BIGINT, origin BYTEA,
            ids BYTEA[], types VARCHAR[], schemas INTEGER[], payloads BYTEA[], boxes BYTEA[], in_bucket INTEGER,
            OUT outcome INTEGER, OUT reached BIGINT, OUT at_tx BIGINT, OUT at_position BIGINT) LANGUAGE plpgsql AS $$
        BEGIN
            at_tx := 0;
            at_position := 0;
            IF in_bucket IS NOT NULL THEN
                PERFORM pg_advisory_xact_lock_shared(hashtextextended(current_schema() || '/bucket/' || in_bucket, 0));
                IF NOT EXISTS (SELECT FROM buckets WHERE bucket = in_bucket AND state = 2) THEN
                    outcome := 3;
                    reached := 0;
                    RETURN;
                END IF;
            END IF;
            PERFORM pg_advisory_xact_lock(hashtextextended(aggregate, 0));
            IF command IS NOT NULL THEN
                SELECT max(version) INTO reached FROM events WHERE aggregate_id = aggregate AND command_id = command;
                IF reached IS NOT NULL THEN
                    outcome := 2;
                    RETURN;
                END IF;
            END IF;
            SELECT coalesce(max(version), 0) INTO reached FROM events WHERE aggregate_id = aggregate;
            IF reached <> expected THEN
                outcome := 1;
                RETURN;
            END IF;
            outcome := 0;
            IF cardinality(ids) > 0 THEN
                at_tx := pg_current_xact_id()::text::bigint;
                WITH added AS (
                    INSERT INTO events (tx, aggregate_id, version, event_id, event_type, schema_version, data, sealed, command_id, metadata, timestamp)
                    SELECT at_tx, aggregate, expected + n, ids[n], types[n], schemas[n], payloads[n], boxes[n], command, origin, at_ticks
                    FROM generate_subscripts(ids, 1) AS n ORDER BY n
                    RETURNING position)
                SELECT max(position) INTO at_position FROM added;
                reached := expected + cardinality(ids);
            END IF;
        END $$;
        """;

    public override bool MayHide => true;

    protected override string Transaction => "events.tx";

    protected override string Order => "tx, position";

    protected override string IsAfter => "(tx, position) > ($1, $2) AND tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

    protected override string IsUpTo => "(tx, position) <= ($3, $4)";

    public override async ValueTask<AppendResult> AppendAsync(SqlSession session, Append append)
    {
        var events = append.Events;
        var (outcome, reached, cursor) = await session.ReadFirstAsync(
            "SELECT outcome, reached, at_tx, at_position FROM append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            row => (row.GetInt32(0), row.GetInt64(1), new Cursor(row.GetInt64(2), row.GetInt64(3))),
            append.AggregateId, append.ExpectedVersion, append.Metadata.CommandId, append.Timestamp.UtcTicks, Json(append.Metadata),
            events.Select(_ => NewId(append.Timestamp)).ToArray(), events.Select(e => e.EventType).ToArray(), events.Select(e => e.SchemaVersion).ToArray(),
            events.Select(e => e.Data.ToArray()).ToArray(), events.Select(e => Sealed(e.Sealed)).ToArray(),
            BucketOf?.Invoke(append.AggregateId));
        return outcome switch
        {
            0 => new AppendResult.Appended(reached, cursor),
            1 => new AppendResult.Conflict(reached),
            2 => new AppendResult.AlreadyDone(reached),
            _ => new AppendResult.Moved(),
        };
    }

    public override async ValueTask<(long Transaction, long First, long Last)?> ImportAsync(SqlSession session, IReadOnlyList<DomainEvent> events) =>
        await session.ReadFirstAsync(
            """
            WITH added AS (
                INSERT INTO events (tx, aggregate_id, version, event_id, event_type, schema_version, data, sealed, command_id, metadata, timestamp)
                SELECT pg_current_xact_id()::text::bigint, aggregate_id, version, event_id, event_type, schema_version, data, sealed, command_id, metadata, timestamp
                FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::text[], $5::integer[], $6::bytea[], $7::bytea[], $8::text[], $9::bytea[], $10::bigint[])
                    WITH ORDINALITY AS e (aggregate_id, version, event_id, event_type, schema_version, data, sealed, command_id, metadata, timestamp, n)
                ORDER BY n
                ON CONFLICT (aggregate_id, version) DO NOTHING
                RETURNING tx, position)
            SELECT max(tx), min(position), max(position) FROM added
            """,
            row => row.IsDBNull(0) ? ((long, long, long)?)null : (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)),
            events.Select(e => e.AggregateId).ToArray(), events.Select(e => e.Version).ToArray(), events.Select(e => Bytes(e.EventId)).ToArray(),
            events.Select(e => e.EventType).ToArray(), events.Select(e => e.SchemaVersion).ToArray(), events.Select(e => e.Data.ToArray()).ToArray(),
            events.Select(e => Sealed(e.Sealed)).ToArray(), events.Select(e => e.Metadata.CommandId).ToArray(), events.Select(e => Json(e.Metadata)).ToArray(),
            events.Select(e => e.Timestamp.UtcTicks).ToArray());

    /// <summary>Two schemas of one database are two shards.</summary>
    public override async ValueTask LockBucketAsync(SqlSession session, int bucket, bool shared) => await session.ExecuteAsync(
        $"SELECT pg_advisory_xact_lock{(shared ? "_shared" : "")}(hashtextextended(current_schema() || '/bucket/' || $1::integer, 0))", bucket);

    public override async ValueTask<Cursor> LastAsync(SqlSession session) => await session.ReadFirstAsync(
        "SELECT tx, position FROM events ORDER BY tx DESC, position DESC LIMIT 1", row => new Cursor(row.GetInt64(0), row.GetInt64(1)));

    public override async ValueTask<Cursor> HorizonAsync(SqlSession session) => await session.ReadFirstAsync(
        "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1", row => new Cursor(row.GetInt64(0), long.MaxValue));
}
