using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.Contracts.Notifications;
using Quayside.Contracts.Users;

namespace Quayside.Notifications.Sending;

/// <summary>
/// The mails of the workflow UserRegistration; the registration id is the message id. They go to addresses that nobody has proved to be his:
/// nothing that a stranger has written stands in them, so none greets by name.
/// </summary>
internal static class RegistrationMails
{
    private const string Anybody = "customer";

    public static void MapRegistrationMails(this IEndpointRouteBuilder app)
    {
        var notifications = app.MapGroup("/internal/notifications").RequireAuthorization("Dapr");
        notifications.MapPost("/welcome", WelcomeAsync);
        notifications.MapPost("/validation-error", RejectAsync);
    }

    private static async Task<Ok<MailSent>> WelcomeAsync(
        SendWelcome command, Sender sender, OnceADay onceADay, TimeProvider time, CancellationToken cancellationToken)
    {
        var (subject, text) = command.AlreadyRegistered
            ? ("You have an account already", "somebody tried to register with your address. If it was you, just log in; if not, there is nothing to do.")
            : ("Welcome to Quayside", "your account is ready.");
        var notice = new Notice(command.RegistrationId, command.UserId, "welcome", time.GetUtcNow(), null, subject, text, Anybody);
        if (!command.AlreadyRegistered || await onceADay.MayTellAsync(command.UserId, command.RegistrationId, cancellationToken))
            await sender.SendAsync(notice, cancellationToken);
        return TypedResults.Ok(new MailSent(notice.Id));
    }

    private static async Task<Ok<MailSent>> RejectAsync(
        SendValidationError command, Mail mail, OnceADay onceADay, TimeProvider time, CancellationToken cancellationToken)
    {
        var text = $"your registration could not be completed:\n\n{string.Join('\n', command.Errors.Select(field => $"  {field.Key} {string.Join(", ", field.Value)}"))}";
        var notice = new Notice(command.RegistrationId, "", "validation-error", time.GetUtcNow(), null, "Your registration", text, Anybody);
        if (await onceADay.MayTellAsync(EmailAddress.Normalize(command.Email), command.RegistrationId, cancellationToken))
            await mail.SendAsync(notice, new UserProfile("", command.Email, ""), cancellationToken);
        return TypedResults.Ok(new MailSent(notice.Id));
    }
}
