using System.Data.Common;
using System.Globalization;
using Quayside.Contracts.Users;
using Quayside.EventSourcing;
using Quayside.EventSourcing.Sql;

namespace Quayside.Users.Profiles;

/// <summary>
/// Profiles in SQL; the unique index on the normalized address decides who has it. Each write appends its event in the same transaction. Of a deleted user the
/// row stays, with nothing in it: the id is never given again, the address is free.
/// </summary>
public sealed class ProfileTable(EventStore store, TimeProvider time)
{
    public const string Schema = """
        CREATE TABLE IF NOT EXISTS profiles(
            id TEXT PRIMARY KEY, email TEXT NOT NULL, email_key TEXT NOT NULL, name TEXT NOT NULL, phone TEXT,
            created_at TEXT NOT NULL, version BIGINT NOT NULL);
        CREATE UNIQUE INDEX IF NOT EXISTS profiles_by_email ON profiles(email_key);
        """;

    /// <summary>What stands in <c>user.created</c> of a deleted user; a name that no mail will ever reach (RFC 2606).</summary>
    private const string Nobody = "deleted@quayside.invalid";

    private const string Columns = "id, email, name, phone, created_at, version";

    public ValueTask<Profile?> FindAsync(string id, CancellationToken cancellation) => store.Database.ReadAsync(session => FindAsync(session, id), cancellation);

    /// <returns>The profile that has the id, new or known; else the one that has the address. Null if the one with the id was deleted.</returns>
    public async ValueTask<Profile?> AddOrFindAsync(EventTransaction transaction, string id, string email, string name, EventMetadata metadata)
    {
        var session = transaction.Session;
        var added = new Profile(id, email, name, null, time.GetUtcNow(), 1);
        var key = EmailAddress.Normalize(email);
        while (await session.ExecuteAsync(
            "INSERT INTO profiles(id, email, email_key, name, created_at, version) VALUES($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            id, email, key, name, added.CreatedAt.ToString("O", CultureInfo.InvariantCulture), added.Version) == 0)
        {
            if (await session.ReadLongAsync("SELECT 1 FROM profiles WHERE id = $1", id) is not null)
                return await FindAsync(session, id);
            if (await session.ReadFirstAsync($"SELECT {Columns} FROM profiles WHERE email_key = $1", Map, key) is { } owner)
                return owner;
            // On PostgreSQL the owner may be deleted between the two statements: the address is free again.
        }

        await AppendAsync(transaction, added, new UserEvent.Created(id, email), metadata);
        return added;
    }

    /// <summary>Decides and writes in one transaction; <paramref name="decide"/> gives null to leave the profile as it is.</summary>
    public Task<Profile?> ChangeAsync(string id, Func<Profile, Profile?> decide, EventMetadata metadata, CancellationToken cancellation) => store.WriteAsync(
        id,
        async transaction =>
        {
            if (await FindAsync(transaction.Session, id) is not { } old || decide(old) is not { } changed) return null;
            await transaction.Session.ExecuteAsync("UPDATE profiles SET name = $1, phone = $2, version = $3 WHERE id = $4", changed.Name, changed.Phone, changed.Version, id);
            await AppendAsync(transaction, changed, new UserEvent.Updated(id, changed.FieldsOtherThan(old)), metadata);
            return changed;
        },
        cancellation);

    /// <summary>Empties the row, frees the address and takes it out of the event that told it; <paramref name="mayDelete"/> judges in the same transaction.</summary>
    /// <returns>The emptied profile; null if there is none, or it may not be deleted.</returns>
    public Task<Profile?> DeleteAsync(string id, Func<Profile, bool> mayDelete, EventMetadata metadata, CancellationToken cancellation) => store.WriteAsync(
        id,
        async transaction =>
        {
            if (await FindAsync(transaction.Session, id) is not { } old || !mayDelete(old)) return null;
            var gone = old with { Email = "", Name = "", Phone = null, Version = old.Version + 1 };
            await transaction.Session.ExecuteAsync(
                "UPDATE profiles SET email = '', email_key = $1, name = '', phone = NULL, version = $2 WHERE id = $3", $"deleted:{id}", gone.Version, id);
            await transaction.RedactAsync(UserCodec.Instance.Encode(new UserEvent.Created(id, Nobody)));
            await AppendAsync(transaction, gone, new UserEvent.Deleted(id), metadata);
            return gone;
        },
        cancellation);

    /// <returns>Whether there was such a user, who was deleted.</returns>
    public async ValueTask<bool> WasDeletedAsync(string id, CancellationToken cancellation) => await store.Database.ReadAsync(
        session => session.ReadLongAsync("SELECT 1 FROM profiles WHERE id = $1 AND email = ''", id), cancellation) is not null;

    /// <summary>The profile's version is that of its last event.</summary>
    private async ValueTask AppendAsync(EventTransaction transaction, Profile profile, UserEvent happened, EventMetadata metadata)
    {
        var append = new Append(profile.Id, profile.Version - 1, [UserCodec.Instance.Encode(happened)], metadata, time.GetUtcNow());
        if (await transaction.AppendAsync(append) is not AppendResult.Appended)
            throw new InvalidOperationException($"The events of user {profile.Id} do not end at version {profile.Version - 1}.");
    }

    /// <returns>Null also for one who was deleted.</returns>
    internal static ValueTask<Profile?> FindAsync(SqlSession session, string id) =>
        session.ReadFirstAsync($"SELECT {Columns} FROM profiles WHERE id = $1 AND email <> ''", Map, id);

    private static Profile Map(DbDataReader row) => new(
        row.GetString(0),
        row.GetString(1),
        row.GetString(2),
        row.IsDBNull(3) ? null : row.GetString(3),
        DateTimeOffset.Parse(row.GetString(4), CultureInfo.InvariantCulture),
        row.GetInt64(5));
}
