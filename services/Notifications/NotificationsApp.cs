using System.Text.Json;
using Quayside.Contracts;
using Quayside.Contracts.Users;
using Quayside.Notifications.Inbox;
using Quayside.Notifications.Sending;
using Quayside.Notifications.Subscribing;
using Quayside.ServiceDefaults;
using Quayside.ServiceDefaults.Authentication;
using Quayside.ServiceDefaults.Invocation;
using Quayside.ServiceDefaults.Parking;
using Quayside.ServiceDefaults.Subscribing;

namespace Quayside.Notifications;

public static class NotificationsApp
{
    internal const string Store = "notifications-store";

    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        configure?.Invoke(builder);
        builder.AddServiceDefaults("notification-service", port: 3007);
        builder.AddDapr();
        builder.Services.AddMemoryCache();
        builder.Services.AddOptions<MailOptions>().BindConfiguration("Mail")
            .Validate(mail => Enum.IsDefined(mail.Format), $"Mail:Format is {string.Join(" or ", Enum.GetNames<MailFormat>())}.").ValidateOnStart();
        builder.Services.AddSingleton<Customers>().AddSingleton<Mail>().AddSingleton<Inboxes>().AddSingleton<Sender>();
        builder.Services.AddSingleton<OnceADay>().AddSingleton<UserDeletions>();
        builder.Services.AddParking(Store, (services, happened, cancellationToken) =>
            HandleAsync(happened.Deserialize<EventEnvelope>(JsonSerializerOptions.Web)!, services, cancellationToken));

        var app = builder.Build();
        app.UseServiceDefaults();
        app.UseSidecarOnly();
        app.UseSubscriptions();
        app.MapOrderNotices();
        UserDeletions.Map(app);
        app.MapParking("notification-service", Topics.PubSub, OrderNotices.DeadLetters, UserDeletions.DeadLetters);
        app.MapRegistrationMails();
        app.MapInbox();
        return app;
    }

    /// <summary>A parked event that is replayed.</summary>
    private static Task HandleAsync(EventEnvelope happened, IServiceProvider services, CancellationToken cancellationToken) =>
        happened.EventType == UserEvents.Deleted
            ? services.GetRequiredService<UserDeletions>().ForgetAsync(happened.AggregateId, cancellationToken)
            : OrderNotices.HandleAsync(happened, services.GetRequiredService<Sender>(), cancellationToken);
}
