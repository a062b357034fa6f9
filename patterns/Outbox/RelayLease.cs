using Quayside.EventSourcing;
using Quayside.EventSourcing.Sqlite;

namespace Quayside.Outbox;

/// <summary>
/// The row that says which relay of a shard is active and how far it came. Each taking raises the epoch; progress is saved only
/// under the current epoch and only forward, so a relay that was paused past its lease cannot undo its successor's.
/// </summary>
internal sealed class RelayLease(EventStore store, long epoch, Cursor cursor, DateTimeOffset expires, TimeSpan duration, TimeProvider time)
{
    public const string Schema = """
        CREATE TABLE IF NOT EXISTS outbox_relay (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            epoch INTEGER NOT NULL,
            expires INTEGER NOT NULL,
            tx INTEGER NOT NULL,
            position INTEGER NOT NULL);
        INSERT OR IGNORE INTO outbox_relay VALUES (1, 0, 0, 0, 0);
        """;

    private long _expires = expires.UtcTicks;

    /// <summary>Everything up to here has been taken by the broker.</summary>
    public Cursor Cursor { get; } = cursor;

    /// <returns>The lease, or when to try again.</returns>
    public static Task<(RelayLease? Lease, TimeSpan Wait)> TryTakeAsync(
        EventStore store, TimeSpan duration, TimeProvider time, CancellationToken cancellationToken) => store.Database.WriteAsync(
        session =>
        {
            var now = time.GetUtcNow();
            var row = session.ReadFirst("SELECT epoch, expires, tx, position FROM outbox_relay", r => new
            {
                Epoch = r.GetInt64(0),
                Expires = r.GetInt64(1),
                Cursor = new Cursor(r.GetInt64(2), r.GetInt64(3)),
            })!;
            if (row.Expires > now.UtcTicks)
                return ((RelayLease?)null, TimeSpan.FromTicks(row.Expires - now.UtcTicks));
            session.Execute("UPDATE outbox_relay SET epoch = $1, expires = $2", row.Epoch + 1, (now + duration).UtcTicks);
            return (new RelayLease(store, row.Epoch + 1, row.Cursor, now + duration, duration, time), TimeSpan.Zero);
        },
        cancellationToken);

    /// <summary>An idle relay lets its lease lapse, so before it publishes again it must find out whether another took it.</summary>
    public Task EnsureAsync(CancellationToken cancellationToken) =>
        Interlocked.Read(ref _expires) - time.GetUtcNow().UtcTicks > duration.Ticks / 2 ? Task.CompletedTask : RenewAsync(cancellationToken);

    /// <exception cref="LeaseLostException">Another relay is active.</exception>
    public Task RenewAsync(CancellationToken cancellationToken) => UpdateAsync(
        (session, until) => session.Execute("UPDATE outbox_relay SET expires = $1 WHERE epoch = $2", until, epoch), cancellationToken);

    /// <summary>Saves progress and renews.</summary>
    /// <exception cref="LeaseLostException">Another relay is active; its progress stands.</exception>
    public Task SaveAsync(Cursor done, CancellationToken cancellationToken) => UpdateAsync(
        (session, until) => session.Execute(
            "UPDATE outbox_relay SET expires = $1, tx = $2, position = $3 WHERE epoch = $4 AND (tx, position) <= ($2, $3)",
            until, done.Transaction, done.Position, epoch),
        cancellationToken);

    /// <summary>Lets the next relay start at once.</summary>
    public Task ReleaseAsync() => store.Database.WriteAsync(
        session => session.Execute("UPDATE outbox_relay SET expires = 0 WHERE epoch = $1", epoch), CancellationToken.None);

    private async Task UpdateAsync(Func<SqliteSession, long, int> update, CancellationToken cancellationToken)
    {
        var until = (time.GetUtcNow() + duration).UtcTicks;
        if (await store.Database.WriteAsync(session => update(session, until), cancellationToken) == 0)
            throw new LeaseLostException();
        Interlocked.Exchange(ref _expires, until);
    }
}

internal sealed class LeaseLostException() : Exception("Another relay of this shard has taken the lease");
