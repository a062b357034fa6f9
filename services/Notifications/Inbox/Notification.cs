namespace Quayside.Notifications.Inbox;

/// <summary>One line of GET /api/notifications.</summary>
public sealed record Notification(string Id, string Kind, DateTimeOffset At, string? OrderId, string Subject);

public sealed record NotificationPage(IReadOnlyList<Notification> Items, string? NextCursor);
