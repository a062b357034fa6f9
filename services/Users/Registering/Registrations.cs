using Quayside.Contracts.Identity;
using Quayside.Contracts.Registrations;
using Quayside.Contracts.Users;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Users.Registering;

/// <summary>How asking for a registration ended.</summary>
internal abstract record Asked
{
    public sealed record Accepted(string RegistrationId) : Asked;

    public sealed record PasswordRefused(string Reason) : Asked;

    public sealed record Busy : Asked;
}

/// <summary>
/// Gives Identity the password, keeps address and name, then starts the workflow, which knows the id alone. A repeat of key and address is the same registration, and changes nothing, even with
/// another name or password: to compare passwords would let a stranger try them, to compare names would tell him one.
/// </summary>
internal sealed class Registrations(Invoker invoker, RegistrationIds ids, RegistrationTable registrations, FirstSecond firstSecond)
{
    /// <summary>Identity lets each wait 1.5 s for its turn, so this ends within the 9 s that the gateway gives a try.</summary>
    private const int Tries = 4;

    public async Task<Asked> StartAsync(string idempotencyKey, RegisterUser user, string client, CancellationToken cancellation)
    {
        var id = await ids.OfAsync(idempotencyKey, user.Email, cancellation);
        var password = await GivePasswordAsync(new(id, user.Password, client), cancellation);
        if (password.Result == RegisterOutcome.Refused) return new Asked.PasswordRefused(password.Reason!);
        if (password.Result == RegisterOutcome.Busy) return new Asked.Busy();
        await registrations.AddAsync(id, new Registrant(user.Email, user.Name), cancellation);
        await invoker.PostAsync<StartRegistration, StartRegistrationResult>("workflows", "/internal/registrations", new(id), cancellation);
        firstSecond.Begin(id);
        return new Asked.Accepted(id);
    }

    public async Task<AskRegistrationResult> FindAsync(string registrationId, CancellationToken cancellation) => firstSecond.Has(registrationId)
        ? new(RegistrationStatus.Running)
        : await invoker.PostAsync<AskRegistration, AskRegistrationResult>("workflows", "/internal/registrations/status", new(registrationId), cancellation);

    private async Task<RegisterCredentialResult> GivePasswordAsync(RegisterCredential password, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            var given = await invoker.PostAsync<RegisterCredential, RegisterCredentialResult>("auth-service", "/internal/credentials", password, cancellation);
            if (given.Result != RegisterOutcome.Busy || tries == Tries) return given;
        }
    }
}
