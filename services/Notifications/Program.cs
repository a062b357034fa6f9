using Quayside.Notifications;

await NotificationsApp.Create(args).RunAsync();
