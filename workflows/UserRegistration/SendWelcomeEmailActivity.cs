using Dapr.Workflow;
using Quayside.Contracts.Notifications;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Workflows.UserRegistration;

/// <summary>Welcomes a new user; tells the owner of a taken address that somebody tried it.</summary>
public sealed class SendWelcomeEmailActivity(Invoker invoker) : WorkflowActivity<RegisteredUser, bool>
{
    public override async Task<bool> RunAsync(WorkflowActivityContext context, RegisteredUser input)
    {
        var welcome = new SendWelcome(input.RegistrationId, input.UserId, input.AlreadyRegistered);
        await invoker.PostAsync<SendWelcome, MailSent>("notification-service", "/internal/notifications/welcome", welcome, CancellationToken.None);
        return true;
    }
}
