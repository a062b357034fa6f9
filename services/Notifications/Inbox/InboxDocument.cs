using System.Collections.Immutable;

namespace Quayside.Notifications.Inbox;

/// <summary>
/// The newest notifications of one user, newest first. Because it is sorted by the event's own time, a redelivered event that has
/// left it falls out again at once: bounded, and yet nothing shows twice.
/// </summary>
/// <param name="IsClosed">Its user was deleted: nothing comes in any more, whatever is delivered late or again.</param>
internal sealed record InboxDocument(ImmutableList<Notification> Items, bool IsClosed = false)
{
    public const int Limit = 500;

    public static InboxDocument Empty { get; } = new(ImmutableList<Notification>.Empty);

    public static InboxDocument Closed { get; } = Empty with { IsClosed = true };

    /// <summary>The same instance when it is closed. What is in it stays until the mails are gone, which nothing else lists.</summary>
    public InboxDocument Close() => IsClosed ? this : this with { IsClosed = true };

    /// <summary>The same instance when the notification is known or too old.</summary>
    public InboxDocument With(Notification added)
    {
        if (IsClosed) return this;
        var at = Items.FindIndex(item => IsBefore(added, item));
        if (Items.Exists(item => item.Id == added.Id) || (at < 0 && Items.Count >= Limit)) return this;
        var items = at < 0 ? Items.Add(added) : Items.Insert(at, added);
        return new(items.Count > Limit ? items.RemoveAt(Limit) : items);
    }

    private static bool IsBefore(Notification one, Notification other) =>
        one.At > other.At || (one.At == other.At && string.CompareOrdinal(one.Id, other.Id) > 0);
}
