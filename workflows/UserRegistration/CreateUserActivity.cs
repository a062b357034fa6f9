using Dapr.Workflow;
using Quayside.Contracts.Identity;
using Quayside.Contracts.Users;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Workflows.UserRegistration;

/// <summary>
/// First the user, then the login: there is no login without user, and the repetition after a crash sees to it that there is no user without
/// login. Both know the registration id, so a repeat changes nothing. For a taken address the waiting password is dropped.
/// </summary>
public sealed class CreateUserActivity(Invoker invoker) : WorkflowActivity<RegistrationState, RegisteredUser>
{
    public override async Task<RegisteredUser> RunAsync(WorkflowActivityContext context, RegistrationState input)
    {
        var created = await invoker.PostAsync<CreateUser, CreateUserResult>(
            "user-service", "/internal/users/create", new(input.RegistrationId, input.Email, input.Name), CancellationToken.None);
        var user = new RegisteredUser(input.RegistrationId, created.User.UserId, created.User.Email, created.User.Name, created.AlreadyRegistered);
        if (user.AlreadyRegistered)
            await invoker.PostAsync<DropCredential, DropCredentialResult>("auth-service", "/internal/credentials/drop", new(user.RegistrationId), CancellationToken.None);
        else
            await ActivateAsync(user);
        return user;
    }

    private async Task ActivateAsync(RegisteredUser user)
    {
        var activated = await invoker.PostAsync<ActivateCredential, ActivateCredentialResult>(
            "auth-service", "/internal/credentials/activate", new(user.RegistrationId, user.UserId, user.Email, user.Name), CancellationToken.None);
        // Missing: the password waited longer than Identity keeps it. The next POST under the same key brings another, and a later try finds it.
        if (activated.Result != ActivateOutcome.Activated)
            throw new InvalidOperationException($"the login of user {user.UserId} is {activated.Result}");
    }
}
