using Quayside.Contracts.Notifications;
using Quayside.Contracts.Users;
using Quayside.Notifications.Inbox;

namespace Quayside.Notifications.Sending;

internal static class Welcome
{
    public static void MapWelcome(this IEndpointRouteBuilder app) =>
        app.MapPost("/internal/notifications/welcome", SendAsync).RequireAuthorization("Dapr");

    private static async Task SendAsync(SendWelcome command, Mail mail, Inboxes inboxes, TimeProvider time, CancellationToken cancellationToken)
    {
        var (subject, text) = command.AlreadyRegistered
            ? ("You have an account already", "somebody tried to register with your address. If it was you, just log in; if not, there is nothing to do.")
            : ("Welcome to Quayside", "your account is ready.");
        var notice = new Notice(command.RegistrationId, command.UserId, "welcome", time.GetUtcNow(), null, subject, text);
        await mail.SendAsync(notice, new UserProfile(command.UserId, command.Email, command.Name), cancellationToken);
        await inboxes.AddAsync(notice, cancellationToken);
    }
}
