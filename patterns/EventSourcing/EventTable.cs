using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Quayside.EventSourcing.Sql;

namespace Quayside.EventSourcing;

/// <summary>The events of one shard. The unique key on (aggregate, version) is what decides between two writers.</summary>
internal abstract class EventTable
{
    /// <summary>Null where all buckets are.</summary>
    public Func<string, int>? BucketOf { get; init; }

    /// <summary>Statements that create what is missing.</summary>
    public abstract string Schema { get; }

    /// <summary>Whether what was committed may stay unseen while an older transaction is open.</summary>
    public virtual bool MayHide => false;

    /// <summary>The transaction part of a cursor.</summary>
    protected abstract string Transaction { get; }

    /// <summary>The columns of the global order.</summary>
    protected abstract string Order { get; }

    /// <summary>Later than the cursor $1, $2, and certain that nothing will ever come before it.</summary>
    protected abstract string IsAfter { get; }

    /// <summary>Not later than the cursor $3, $4.</summary>
    protected abstract string IsUpTo { get; }

    private const string EventColumns = "event_id, event_type, schema_version, data, sealed, metadata, timestamp, version";

    private string Columns => $"{EventColumns}, aggregate_id, {Transaction}, position";

    private string Arrived => BucketOf is null
        ? "0"
        : $"(SELECT count(*) FROM arrivals a WHERE a.tx = {Transaction} AND position BETWEEN a.first_position AND a.last_position)";

    public abstract ValueTask<AppendResult> AppendAsync(SqlSession session, Append append);

    /// <summary>Writes events as they were appended elsewhere; those that are here are left alone.</summary>
    /// <returns>The places of those that were written; null if there were none.</returns>
    public abstract ValueTask<(long Transaction, long First, long Last)?> ImportAsync(SqlSession session, IReadOnlyList<DomainEvent> events);

    /// <summary>Until the transaction ends: shared by those who append, for him alone who freezes.</summary>
    public abstract ValueTask LockBucketAsync(SqlSession session, int bucket, bool shared);

    /// <returns>The cursor of the newest event that was committed.</returns>
    public abstract ValueTask<Cursor> LastAsync(SqlSession session);

    /// <returns>A cursor that every event to come will be after.</returns>
    public abstract ValueTask<Cursor> HorizonAsync(SqlSession session);

    /// <returns>The version of the aggregate; null if there is none.</returns>
    public static ValueTask<long?> VersionOfAsync(SqlSession session, string aggregateId) =>
        session.ReadLongAsync("SELECT max(version) FROM events WHERE aggregate_id = $1", aggregateId);

    /// <returns>The version that the command reached; null if it is not in the stream.</returns>
    public static ValueTask<long?> VersionOfAsync(SqlSession session, string aggregateId, string commandId) => session.ReadLongAsync(
        "SELECT max(version) FROM events WHERE aggregate_id = $1 AND command_id = $2", aggregateId, commandId);

    public static ValueTask<int> RedactAsync(SqlSession session, string aggregateId, NewEvent replacement) => session.ExecuteAsync(
        "UPDATE events SET data = $1, schema_version = $2 WHERE aggregate_id = $3 AND event_type = $4",
        replacement.Data.ToArray(), replacement.SchemaVersion, aggregateId, replacement.EventType);

    public static ValueTask<List<DomainEvent>> StreamAsync(SqlSession session, string aggregateId, long afterVersion) => session.ReadAsync(
        $"SELECT {EventColumns} FROM events WHERE aggregate_id = $1 AND version > $2 ORDER BY version", row => MapEvent(row, aggregateId), aggregateId, afterVersion);

    public ValueTask<List<StoredEvent>> AfterAsync(SqlSession session, Cursor cursor, int limit) => session.ReadAsync(
        $"SELECT {Columns}, {Arrived} FROM events WHERE {IsAfter} ORDER BY {Order} LIMIT $3",
        row => Map(row) with { Arrived = row.GetInt64(11) > 0 }, cursor.Transaction, cursor.Position, limit);

    /// <summary>Events of some types between two cursors.</summary>
    public ValueTask<List<StoredEvent>> BetweenAsync(SqlSession session, Cursor after, Cursor upTo, int limit, IReadOnlyList<string> types)
    {
        var names = string.Join(", ", Enumerable.Range(6, types.Count).Select(i => string.Create(CultureInfo.InvariantCulture, $"${i}")));
        return session.ReadAsync(
            $"SELECT {Columns} FROM events WHERE {IsAfter} AND {IsUpTo} AND event_type IN ({names}) AND {Arrived} = 0 ORDER BY {Order} LIMIT $5", Map,
            [after.Transaction, after.Position, upTo.Transaction, upTo.Position, limit, .. types]);
    }

    /// <summary>Aggregate by aggregate, after an event of one of them.</summary>
    public ValueTask<List<StoredEvent>> ByAggregateAsync(SqlSession session, string afterId, long afterVersion, Cursor upTo, int limit) => session.ReadAsync(
        $"SELECT {Columns} FROM events WHERE (aggregate_id, version) > ($1, $2) AND {IsUpTo} ORDER BY aggregate_id, version LIMIT $5", Map,
        afterId, afterVersion, upTo.Transaction, upTo.Position, limit);

    protected static byte[] Bytes(Guid id) => id.ToByteArray(bigEndian: true);

    protected static byte[]? Sealed(ReadOnlyMemory<byte> box) => box.IsEmpty ? null : box.ToArray();

    protected static byte[] Json(EventMetadata metadata) => JsonSerializer.SerializeToUtf8Bytes(metadata, EnvelopeJson.Default.EventMetadata);

    protected static byte[] NewId(DateTimeOffset at) => Bytes(Guid.CreateVersion7(at));

    private static StoredEvent Map(DbDataReader row) => new(new Cursor(row.GetInt64(9), row.GetInt64(10)), MapEvent(row, row.GetString(8)));

    private static DomainEvent MapEvent(DbDataReader row, string aggregateId) => new(
        new Guid(row.GetFieldValue<byte[]>(0), bigEndian: true), aggregateId, row.GetString(1), row.GetInt32(2), row.GetFieldValue<byte[]>(3),
        JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(5), EnvelopeJson.Default.EventMetadata)!, new DateTimeOffset(row.GetInt64(6), TimeSpan.Zero), row.GetInt64(7))
    {
        Sealed = row.IsDBNull(4) ? default : row.GetFieldValue<byte[]>(4),
    };
}
