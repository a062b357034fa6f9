using Dapr.Workflow;
using Quayside.Contracts.Users;

namespace Quayside.Workflows.UserRegistration;

/// <summary>Judges what the edge only measured; passes the fields on without blanks around them.</summary>
public sealed class ValidateUserActivity : WorkflowActivity<RegistrationState, RegistrationState>
{
    public override Task<RegistrationState> RunAsync(WorkflowActivityContext context, RegistrationState input)
    {
        var user = input with { Email = input.Email.Trim(), Name = input.Name.Trim() };
        Dictionary<string, string[]> errors = [];
        if (!EmailAddress.IsPlausible(user.Email)) errors["email"] = [EmailAddress.Rule];
        if (!UserName.IsValid(user.Name)) errors["name"] = [UserName.Rule];
        return errors.Count == 0 ? Task.FromResult(user) : throw new ValidationError(errors);
    }
}
