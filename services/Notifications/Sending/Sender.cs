using Quayside.Notifications.Inbox;

namespace Quayside.Notifications.Sending;

/// <summary>Sends, then shows in the inbox. Both are keyed by the notice's id, so a redelivered event repeats them without effect.</summary>
internal sealed class Sender(Customers customers, Mail mail, Inboxes inboxes)
{
    public async Task SendAsync(Notice notice, CancellationToken cancellationToken)
    {
        // A customer who is gone gets no mail; retrying would not bring him back.
        if (await customers.FindAsync(notice.UserId, cancellationToken) is { } customer) await mail.SendAsync(notice, customer, cancellationToken);
        // Deleted meanwhile, or his address is still known here: the deletion has not seen this mail in the inbox.
        if (!await inboxes.AddAsync(notice, cancellationToken)) await mail.DropAsync(notice.Id, cancellationToken);
    }
}
