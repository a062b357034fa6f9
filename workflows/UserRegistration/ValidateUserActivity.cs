using Dapr.Workflow;
using Quayside.Contracts.Users;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Workflows.UserRegistration;

/// <summary>Judges what the edge only measured. What has led to a user was judged before.</summary>
public sealed class ValidateUserActivity(Invoker invoker) : WorkflowActivity<RegistrationState, RegistrationState>
{
    public override async Task<RegistrationState> RunAsync(WorkflowActivityContext context, RegistrationState input)
    {
        if (await GivenAsync(input) is not { } given) return input;
        Dictionary<string, string[]> errors = [];
        if (!EmailAddress.IsPlausible(given.Email)) errors["email"] = [EmailAddress.Rule];
        if (!UserName.IsValid(given.Name)) errors["name"] = [UserName.Rule];
        return errors.Count == 0 ? input : throw new ValidationError(errors);
    }

    private async Task<Registrant?> GivenAsync(RegistrationState input) => input is { Email: { } email, Name: { } name }
        ? new(email.Trim(), name.Trim())
        : await invoker.FindRegistrantAsync(input.RegistrationId);
}
