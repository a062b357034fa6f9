using System.Data.Common;
using System.Text.Json;
using Quayside.Contracts;
using Quayside.Contracts.Orders;
using Quayside.EventSourcing;
using Quayside.EventSourcing.Projections;
using Quayside.EventSourcing.Sql;
using Quayside.Sharding;

namespace Quayside.Orders.Queries;

/// <summary>The read side of one shard: a row per order with the columns of the lists, and the whole view as a document.</summary>
internal sealed class OrderViewTable : IProjection
{
    private const string SummaryColumns =
        "order_id, status, total, currency, created_at, reason, version, (SELECT max(e.version) FROM events e WHERE e.aggregate_id = order_id)";

    // owned, frozen or leaving: not what is on its way here, nor what has gone
    private const string IsShown = "EXISTS (SELECT 1 FROM buckets b WHERE b.bucket = v.bucket AND b.state BETWEEN 2 AND 4)";

    public string Name => "order_views";

    public int Version => 3;

    public ValueTask CreateAsync(SqlSession session, string table) => session.ScriptAsync(
        $"""
        CREATE TABLE {table} (
            order_id TEXT PRIMARY KEY,
            user_id TEXT NOT NULL,
            created_at BIGINT NOT NULL,
            status INTEGER NOT NULL,
            total BIGINT NOT NULL,
            currency TEXT NOT NULL,
            reason TEXT,
            version BIGINT NOT NULL,
            view BYTEA NOT NULL,
            bucket INTEGER NOT NULL,
            waits INTEGER NOT NULL);
        CREATE INDEX {table}_of_user ON {table} (user_id, created_at, order_id);
        CREATE INDEX {table}_open ON {table} (created_at) WHERE status < 3;
        CREATE INDEX {table}_running ON {table} (user_id, bucket) WHERE status < 3 AND waits = 0;
        CREATE INDEX {table}_in_bucket ON {table} (bucket);
        """);

    public async ValueTask ApplyAsync(SqlSession session, string table, IReadOnlyList<DomainEvent> events)
    {
        foreach (var ofOrder in events.GroupBy(happened => happened.AggregateId))
            await UpsertAsync(session, table, OrderViews.Fold(await FindAsync(session, table, ofOrder.Key), ofOrder)!);
    }

    public async ValueTask RemoveAsync(SqlSession session, string table, IReadOnlyList<int> buckets)
    {
        foreach (var bucket in buckets)
            await session.ExecuteAsync($"DELETE FROM {table} WHERE bucket = $1", bucket);
    }

    /// <returns>The view only if it contains every event of the order.</returns>
    public static ValueTask<OrderView?> FindCurrentAsync(SqlSession session, string orderId) => session.ReadFirstAsync(
        "SELECT view FROM order_views v WHERE order_id = $1 AND version = (SELECT max(version) FROM events e WHERE e.aggregate_id = v.order_id)",
        ReadView, orderId);

    /// <returns>How far the view of an order is; 0 if there is none.</returns>
    public static async ValueTask<long> VersionAsync(SqlSession session, string orderId) =>
        await session.ReadLongAsync("SELECT version FROM order_views WHERE order_id = $1", orderId) ?? 0;

    /// <summary>Orders of a user, newest first, after a place in that order.</summary>
    public static ValueTask<List<OrderSummary>> OfUserAsync(SqlSession session, string userId, long beforeTicks, string beforeId, int limit) => session.ReadAsync(
        $"""
        SELECT {SummaryColumns} FROM order_views v WHERE user_id = $1 AND (created_at, order_id) < ($2, $3) AND {IsShown}
        ORDER BY created_at DESC, order_id DESC LIMIT $4
        """,
        ReadSummary, userId, beforeTicks, beforeId, limit);

    /// <summary>Orders neither shipped nor cancelled, oldest first, after a place in that order.</summary>
    public static ValueTask<List<OrderSummary>> OpenBeforeAsync(SqlSession session, long ticks, long afterTicks, string afterId, int limit) => session.ReadAsync(
        $"""
        SELECT {SummaryColumns} FROM order_views v WHERE status < 3 AND created_at < $1 AND (created_at, order_id) > ($2, $3) AND {IsShown}
        ORDER BY created_at, order_id LIMIT $4
        """,
        ReadSummary, ticks, afterTicks, afterId, limit);

    /// <summary>Orders of a user neither shipped nor cancelled, also those on their way to another shard.</summary>
    public static async ValueTask<long> CountOpenAsync(SqlSession session, string userId) =>
        await session.ReadLongAsync("SELECT count(*) FROM order_views WHERE user_id = $1 AND status < 3", userId) ?? 0;

    public static async ValueTask<long> CountAsync(SqlSession session) => await session.ReadLongAsync($"SELECT count(*) FROM order_views v WHERE {IsShown}") ?? 0;

    /// <summary>Orders under way of each user that has some; those that wait for an approval keep nobody busy.</summary>
    public static ValueTask<List<(string UserId, int Orders)>> RunningOfUsersAsync(SqlSession session) => session.ReadAsync(
        $"SELECT user_id, count(*) FROM order_views v WHERE status < 3 AND waits = 0 AND {IsShown} GROUP BY user_id", row => (row.GetString(0), row.GetInt32(1)));

    /// <summary>Ids in their order, after one of them.</summary>
    public static ValueTask<List<string>> IdsAsync(SqlSession session, string after, int limit) => session.ReadAsync(
        $"SELECT order_id FROM order_views v WHERE order_id > $1 AND {IsShown} ORDER BY order_id LIMIT $2", row => row.GetString(0), after, limit);

    private static ValueTask<OrderView?> FindAsync(SqlSession session, string table, string orderId) =>
        session.ReadFirstAsync($"SELECT view FROM {table} WHERE order_id = $1", ReadView, orderId);

    private static ValueTask<int> UpsertAsync(SqlSession session, string table, OrderView view) => session.ExecuteAsync(
        $"""
        INSERT INTO {table} VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (order_id) DO UPDATE SET status = $4, reason = $7, version = $8, view = $9, waits = $11
        """,
        view.OrderId, view.UserId, view.CreatedAt.UtcTicks, (int)view.Status, view.Total.Amount, view.Total.Currency, view.Reason,
        view.Version, JsonSerializer.SerializeToUtf8Bytes(view, ViewJson.Default.OrderView), Bucket.Of(view.OrderId), view.Approval is ApprovalState.Awaited ? 1 : 0);

    private static OrderView ReadView(DbDataReader row) =>
        JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(0), ViewJson.Default.OrderView)!;

    private static OrderSummary ReadSummary(DbDataReader row) => new(
        row.GetString(0), (OrderStatus)row.GetInt32(1), new Money(row.GetInt64(2), row.GetString(3)),
        new DateTimeOffset(row.GetInt64(4), TimeSpan.Zero), row.IsDBNull(5) ? null : row.GetString(5), row.GetInt64(6))
    {
        IsBehind = row.GetInt64(6) < row.GetInt64(7),
    };
}
