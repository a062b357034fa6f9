using Quayside.Contracts.Users;
using Quayside.EventSourcing;
using Quayside.EventSourcing.Sql;
using Quayside.ServiceDefaults.Ids;

namespace Quayside.Users.Registering;

/// <summary>
/// The id of a registration follows from key and address, in a namespace that only this installation knows: who guesses somebody's key cannot
/// compute the id and ask whether it is there.
/// </summary>
public sealed class RegistrationIds(EventStore store)
{
    public const string Schema = "CREATE TABLE IF NOT EXISTS registration_namespace(id INTEGER PRIMARY KEY CHECK (id = 1), uuid TEXT NOT NULL);";

    /// <summary>The user that a registration creates.</summary>
    public static string UserOf(string registrationId) => NameBasedUuid.Create(Guid.Parse(registrationId), "user").ToString();

    /// <returns>The same for every spelling of the address. A header has no line feed, so no two pairs read alike.</returns>
    public async ValueTask<string> OfAsync(string idempotencyKey, string email, CancellationToken cancellation)
    {
        var space = await store.Database.ReadAsync(FindAsync, cancellation) ?? await CreateAsync(cancellation);
        return NameBasedUuid.Create(Guid.Parse(space), $"{idempotencyKey}\n{EmailAddress.Normalize(email)}").ToString();
    }

    private Task<string> CreateAsync(CancellationToken cancellation) => store.Database.WriteAsync(
        async session =>
        {
            await session.ExecuteAsync("INSERT INTO registration_namespace VALUES (1, $1) ON CONFLICT DO NOTHING", Guid.NewGuid().ToString());
            return (await FindAsync(session))!;
        },
        cancellation);

    private static ValueTask<string?> FindAsync(SqlSession session) => session.ReadFirstAsync("SELECT uuid FROM registration_namespace", row => row.GetString(0));
}
