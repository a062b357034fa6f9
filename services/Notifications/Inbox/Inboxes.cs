using System.Text.Json;
using Dapr.Client;
using Microsoft.Extensions.Caching.Memory;
using Quayside.Notifications.Sending;
using Quayside.ServiceDefaults.Documents;

namespace Quayside.Notifications.Inbox;

/// <summary>One inbox a user. Notices that come within the linger share a write: one busy customer is one document.</summary>
internal sealed class Inboxes(DaprClient dapr) : IDisposable
{
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(1);
    private readonly MemoryCache documents = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    public Task AddAsync(Notice notice, CancellationToken cancellationToken)
    {
        var notification = new Notification(notice.Id, notice.Kind, notice.At, notice.OrderId, notice.Subject);
        return Of(notice.UserId).ChangeAsync(inbox => ((inbox ?? InboxDocument.Empty).With(notification), true), cancellationToken);
    }

    public async Task<InboxDocument> ReadAsync(string userId, CancellationToken cancellationToken) =>
        await Of(userId).ReadAsync(cancellationToken) ?? InboxDocument.Empty;

    public Task CloseAsync(string userId, CancellationToken cancellationToken) =>
        Of(userId).ChangeAsync(inbox => (inbox is { IsClosed: true } ? inbox : InboxDocument.Closed, true), cancellationToken);

    public void Dispose() => documents.Dispose();

    private SharedDocument<InboxDocument> Of(string userId) => documents.GetOrCreate(userId, entry =>
    {
        entry.SetSize(1).SetSlidingExpiration(Idle);
        return new SharedDocument<InboxDocument>(dapr, NotificationsApp.Store, $"inbox-{userId}", JsonSerializerOptions.Web, Linger);
    })!;
}
