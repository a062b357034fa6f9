using Dapr.Workflow;
using Quayside.Contracts.Identity;
using Quayside.Contracts.Users;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Workflows.UserRegistration;

/// <summary>
/// First the user, then the login: there is no login without user, and the repetition after a crash sees to it that there is no user without
/// login. Both know the registration id, so a repeat changes nothing. For a taken address, and where no user is left to be
/// made, the waiting password is dropped; the latter is null.
/// </summary>
public sealed class CreateUserActivity(Invoker invoker) : WorkflowActivity<RegistrationState, RegisteredUser?>
{
    public override async Task<RegisteredUser?> RunAsync(WorkflowActivityContext context, RegistrationState input)
    {
        var created = await invoker.PostAsync<CreateUser, CreateUserResult>(
            "user-service", "/internal/users/create", new(input.RegistrationId, input.Email?.Trim(), input.Name?.Trim()), CancellationToken.None);
        if (created.User is not { } profile)
        {
            await DropAsync(input.RegistrationId);
            return null;
        }

        if (created.AlreadyRegistered)
            await DropAsync(input.RegistrationId);
        else
            await ActivateAsync(input.RegistrationId, profile);
        return new RegisteredUser(input.RegistrationId, profile.UserId, created.AlreadyRegistered);
    }

    private Task<DropCredentialResult> DropAsync(string registrationId) =>
        invoker.PostAsync<DropCredential, DropCredentialResult>("auth-service", "/internal/credentials/drop", new(registrationId), CancellationToken.None);

    private async Task ActivateAsync(string registrationId, UserProfile user)
    {
        var activated = await invoker.PostAsync<ActivateCredential, ActivateCredentialResult>(
            "auth-service", "/internal/credentials/activate", new(registrationId, user.UserId, user.Email), CancellationToken.None);
        // Missing: the password waited longer than Identity keeps it. The next POST under the same key brings another, and a later try finds it.
        if (activated.Result is not (ActivateOutcome.Activated or ActivateOutcome.Closed))
            throw new InvalidOperationException($"the login of user {user.UserId} is {activated.Result}");
    }
}
