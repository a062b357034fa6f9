using Quayside.EventSourcing;
using Quayside.EventSourcing.Sql;

namespace Quayside.Outbox;

/// <summary>
/// The row that says which relay of a shard is active and how far it came. Each taking raises the epoch; progress is saved only
/// under the current epoch and only forward, so a relay that was paused past its lease cannot undo its successor's. Each change is a
/// single statement: paused in the middle of it, a relay leaves no transaction open that its successor would have to wait for.
/// </summary>
internal sealed class RelayLease(EventStore store, long epoch, Cursor cursor, DateTimeOffset expires, TimeSpan duration, TimeProvider time)
{
    public const string Schema = """
        CREATE TABLE IF NOT EXISTS outbox_relay (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            epoch BIGINT NOT NULL,
            expires BIGINT NOT NULL,
            tx BIGINT NOT NULL,
            position BIGINT NOT NULL);
        INSERT INTO outbox_relay VALUES (1, 0, 0, 0, 0) ON CONFLICT DO NOTHING;
        """;

    private long _expires = expires.UtcTicks;

    /// <summary>Everything up to here has been taken by the broker.</summary>
    public Cursor Cursor { get; } = cursor;

    /// <returns>The lease, or when to try again.</returns>
    public static async Task<(RelayLease? Lease, TimeSpan Wait)> TryTakeAsync(
        EventStore store, TimeSpan duration, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var lease = await store.Database.WriteOneAsync(
            session => session.ReadFirstAsync(
                "UPDATE outbox_relay SET epoch = epoch + 1, expires = $1 WHERE expires <= $2 RETURNING epoch, tx, position",
                row => new RelayLease(store, row.GetInt64(0), new Cursor(row.GetInt64(1), row.GetInt64(2)), now + duration, duration, time),
                (now + duration).UtcTicks, now.UtcTicks),
            cancellationToken);
        if (lease is not null)
            return (lease, TimeSpan.Zero);
        var expires = await store.Database.ReadAsync(session => session.ReadLongAsync("SELECT expires FROM outbox_relay"), cancellationToken) ?? 0;
        return (null, TimeSpan.FromTicks(Math.Max(0, expires - now.UtcTicks)));
    }

    /// <summary>A relay that is idle lets its lease lapse, and one that was stopped has lost it unawares: before it publishes, it must know that it has the lease.</summary>
    /// <exception cref="LeaseLostException">Another relay is active.</exception>
    public Task EnsureAsync(CancellationToken cancellationToken) =>
        Interlocked.Read(ref _expires) - time.GetUtcNow().UtcTicks > duration.Ticks / 2 ? Task.CompletedTask : RenewAsync(cancellationToken);

    /// <exception cref="LeaseLostException">Another relay is active.</exception>
    public Task RenewAsync(CancellationToken cancellationToken) => UpdateAsync(
        (session, until) => session.ExecuteAsync("UPDATE outbox_relay SET expires = $1 WHERE epoch = $2", until, epoch), cancellationToken);

    /// <summary>Saves progress and renews.</summary>
    /// <exception cref="LeaseLostException">Another relay is active; its progress stands.</exception>
    public Task SaveAsync(Cursor done, CancellationToken cancellationToken) => UpdateAsync(
        (session, until) => session.ExecuteAsync(
            "UPDATE outbox_relay SET expires = $1, tx = $2, position = $3 WHERE epoch = $4 AND (tx, position) <= ($2, $3)",
            until, done.Transaction, done.Position, epoch),
        cancellationToken);

    /// <summary>Lets the next relay start at once.</summary>
    public Task ReleaseAsync() => store.Database.WriteOneAsync(
        session => session.ExecuteAsync("UPDATE outbox_relay SET expires = 0 WHERE epoch = $1", epoch), CancellationToken.None);

    private async Task UpdateAsync(Func<SqlSession, long, ValueTask<int>> update, CancellationToken cancellationToken)
    {
        var until = (time.GetUtcNow() + duration).UtcTicks;
        if (await store.Database.WriteOneAsync(session => update(session, until), cancellationToken) == 0)
            throw new LeaseLostException();
        Interlocked.Exchange(ref _expires, until);
    }
}

internal sealed class LeaseLostException() : Exception("Another relay of this shard has taken the lease");
