using Quayside.EventSourcing.Sql;
using Quayside.Orders.Storage;

namespace Quayside.Orders.Forgetting;

/// <summary>
/// The users who were deleted, beside the keys of the others. From this mark on a user orders nothing more; the key goes when the orders that are under way
/// have come to their end. The mark stays, so that no late request makes another key.
/// </summary>
internal sealed class ForgottenUsers(OrdersDatabases databases, TimeProvider time)
{
    internal const string Schema = """
        CREATE TABLE IF NOT EXISTS forgotten_users (user_id TEXT PRIMARY KEY, since BIGINT NOT NULL, shredded_at BIGINT);
        CREATE INDEX IF NOT EXISTS forgotten_users_with_key ON forgotten_users (since) WHERE shredded_at IS NULL;
        """;

    private readonly SqlDatabase _database = databases.Directory;

    public Task AddAsync(string userId, CancellationToken cancellationToken) => _database.WriteAsync(
        session => session.ExecuteAsync("INSERT INTO forgotten_users VALUES ($1, $2, NULL) ON CONFLICT DO NOTHING", userId, time.GetUtcNow().UtcTicks), cancellationToken);

    /// <summary>Those who still have a key, marked longest ago first.</summary>
    public ValueTask<List<string>> WithKeyAsync(DateTimeOffset markedBefore, int limit, CancellationToken cancellationToken) => _database.ReadAsync(
        session => session.ReadAsync(
            "SELECT user_id FROM forgotten_users WHERE shredded_at IS NULL AND since <= $1 ORDER BY since LIMIT $2", row => row.GetString(0), markedBefore.UtcTicks, limit),
        cancellationToken);

    /// <summary>Destroys the key: whatever was sealed with it can never be read again.</summary>
    public Task ShredAsync(string userId, CancellationToken cancellationToken) => _database.WriteAsync(
        async session =>
        {
            await session.ExecuteAsync("DELETE FROM user_keys WHERE user_id = $1", userId);
            return await session.ExecuteAsync("UPDATE forgotten_users SET shredded_at = $1 WHERE user_id = $2", time.GetUtcNow().UtcTicks, userId);
        },
        cancellationToken);
}
