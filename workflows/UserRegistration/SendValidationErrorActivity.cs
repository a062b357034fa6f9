using Dapr.Workflow;
using Quayside.Contracts.Notifications;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Workflows.UserRegistration;

/// <summary>What SendValidationError needs: not the name, which may be the field that nobody should be written in.</summary>
public sealed record RejectedRegistration(string RegistrationId, string Email, IReadOnlyDictionary<string, string[]> Errors);

/// <summary>Tells the address given, unless it is the address that is wrong. False: there was nobody to tell.</summary>
public sealed class SendValidationErrorActivity(Invoker invoker) : WorkflowActivity<RejectedRegistration, bool>
{
    public override async Task<bool> RunAsync(WorkflowActivityContext context, RejectedRegistration input)
    {
        if (input.Errors.ContainsKey("email")) return false;
        var told = new SendValidationError(input.RegistrationId, input.Email.Trim(), input.Errors);
        await invoker.PostAsync<SendValidationError, MailSent>("notification-service", "/internal/notifications/validation-error", told, CancellationToken.None);
        return true;
    }
}
