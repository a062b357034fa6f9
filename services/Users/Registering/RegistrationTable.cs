using Quayside.Contracts.Users;
using Quayside.EventSourcing;
using Quayside.EventSourcing.Sql;
using Quayside.Users.Profiles;

namespace Quayside.Users.Registering;

/// <summary>
/// What was given with a registration, until it has led to a user: the workflow knows nothing but its id, so that address and name stand in no history. As with
/// the password that waits at Identity, what comes first stays, and after a week nothing is left.
/// </summary>
public sealed class RegistrationTable(EventStore store, ProfileTable profiles, TimeProvider time)
{
    public const string Schema = """
        CREATE TABLE IF NOT EXISTS registrations(id TEXT PRIMARY KEY, email TEXT NOT NULL, name TEXT NOT NULL, user_id TEXT, at BIGINT NOT NULL);
        CREATE INDEX IF NOT EXISTS registrations_by_time ON registrations(at);
        """;

    // As long as a registration may take, restarts included.
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    /// <summary>Without blanks around the fields. One that is known stays as it is.</summary>
    public Task AddAsync(string id, Registrant given, CancellationToken cancellation) => store.Database.WriteAsync(
        async session =>
        {
            var now = time.GetUtcNow();
            await session.ExecuteAsync("DELETE FROM registrations WHERE at < $1", (now - Kept).ToUnixTimeMilliseconds());
            return await session.ExecuteAsync(
                "INSERT INTO registrations(id, email, name, at) VALUES($1, $2, $3, $4) ON CONFLICT DO NOTHING", id, given.Email.Trim(), given.Name.Trim(), now.ToUnixTimeMilliseconds());
        },
        cancellation);

    /// <returns>Null if it has led to a user, or is not kept (any more).</returns>
    public ValueTask<Registrant?> FindAsync(string id, CancellationToken cancellation) => store.Database.ReadAsync(session => FindAsync(session, id), cancellation);

    /// <summary>The registration's own user, the same every time; or, if the address is taken, its owner, who stays the same too. From then on nothing is kept but the user's id.</summary>
    /// <returns>Null if that user was deleted since, or there is nothing left to make one of.</returns>
    public Task<Profile?> CreateUserAsync(CreateUser command, EventMetadata metadata, CancellationToken cancellation)
    {
        var own = RegistrationIds.UserOf(command.RegistrationId);
        return store.WriteAsync(
            own,
            async transaction =>
            {
                var session = transaction.Session;
                var given = command is { Email: { } email, Name: { } name } ? new Registrant(email, name) : await FindAsync(session, command.RegistrationId);
                if (given is null)
                    return await ProfileTable.FindAsync(session, await UserOfAsync(session, command.RegistrationId) ?? own);
                var user = await profiles.AddOrFindAsync(transaction, own, given.Email, given.Name, metadata);
                await session.ExecuteAsync("UPDATE registrations SET email = '', name = '', user_id = $1 WHERE id = $2", user?.Id ?? own, command.RegistrationId);
                return user;
            },
            cancellation);
    }

    private static ValueTask<Registrant?> FindAsync(SqlSession session, string id) => session.ReadFirstAsync(
        "SELECT email, name FROM registrations WHERE id = $1 AND user_id IS NULL", row => new Registrant(row.GetString(0), row.GetString(1)), id);

    private static ValueTask<string?> UserOfAsync(SqlSession session, string id) =>
        session.ReadFirstAsync("SELECT user_id FROM registrations WHERE id = $1", row => row.GetString(0), id);
}
