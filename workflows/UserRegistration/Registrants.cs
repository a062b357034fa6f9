using Quayside.Contracts.Users;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Workflows.UserRegistration;

internal static class Registrants
{
    /// <returns>What Users keeps of a registration that has not led to a user; else null.</returns>
    public static async Task<Registrant?> FindRegistrantAsync(this Invoker invoker, string registrationId) => (await invoker.PostAsync<ReadRegistration, ReadRegistrationResult>(
        "user-service", "/internal/users/registration", new(registrationId), CancellationToken.None)).Given;
}
