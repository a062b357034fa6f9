using System.Globalization;
using Microsoft.Data.Sqlite;
using Quayside.Contracts.Users;
using Quayside.EventSourcing.Sqlite;
using Quayside.ServiceDefaults.Hosting;

namespace Quayside.Users.Profiles;

/// <summary>Profiles in SQL; the unique index on the normalized address decides who has it.</summary>
public sealed class ProfileTable(DataDirectory data) : IAsyncDisposable
{
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS profiles(
            id TEXT PRIMARY KEY, email TEXT NOT NULL, email_key TEXT NOT NULL, name TEXT NOT NULL, phone TEXT,
            created_at TEXT NOT NULL, version INTEGER NOT NULL) WITHOUT ROWID;
        CREATE UNIQUE INDEX IF NOT EXISTS profiles_by_email ON profiles(email_key);
        """;

    private const string Columns = "id, email, name, phone, created_at, version";
    private readonly SqliteDatabase database = new(data.File("users.db"), Schema);

    public Profile? Find(string id) => database.Read(session => Find(session, id));

    /// <returns>False if the id or the address is taken.</returns>
    public Task<bool> AddAsync(Profile profile, CancellationToken cancellation) => database.WriteAsync(session => session.Execute(
        "INSERT INTO profiles(id, email, email_key, name, phone, created_at, version) VALUES($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        profile.Id, profile.Email, EmailAddress.Normalize(profile.Email), profile.Name, profile.Phone,
        profile.CreatedAt.ToString("O", CultureInfo.InvariantCulture), profile.Version) == 1, cancellation);

    /// <summary>Decides and writes in one transaction; <paramref name="decide"/> gives null to leave the profile as it is.</summary>
    public Task<Profile?> ChangeAsync(string id, Func<Profile, Profile?> decide, CancellationToken cancellation) => database.WriteAsync(session =>
    {
        if (Find(session, id) is not { } old || decide(old) is not { } changed) return null;
        session.Execute("UPDATE profiles SET name = $1, phone = $2, version = $3 WHERE id = $4", changed.Name, changed.Phone, changed.Version, id);
        return changed;
    }, cancellation);

    public ValueTask DisposeAsync() => database.DisposeAsync();

    private static Profile? Find(SqliteSession session, string id) =>
        session.ReadFirst($"SELECT {Columns} FROM profiles WHERE id = $1", Map, id);

    private static Profile Map(SqliteDataReader row) => new(
        row.GetString(0),
        row.GetString(1),
        row.GetString(2),
        row.IsDBNull(3) ? null : row.GetString(3),
        DateTimeOffset.Parse(row.GetString(4), CultureInfo.InvariantCulture),
        row.GetInt64(5));
}
