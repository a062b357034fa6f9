namespace Quayside.Notifications.Sending;

/// <param name="Id">The event id: the same notice again overwrites itself.</param>
/// <param name="Kind">confirmation, shipped, cancelled, welcome or validation-error.</param>
/// <param name="Greeted">Null for the name in the profile.</param>
internal sealed record Notice(string Id, string UserId, string Kind, DateTimeOffset At, string? OrderId, string Subject, string Text, string? Greeted = null);
