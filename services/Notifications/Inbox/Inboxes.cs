using System.Collections.Immutable;
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

    /// <returns>False if the inbox is closed.</returns>
    public Task<bool> AddAsync(Notice notice, CancellationToken cancellationToken)
    {
        var notification = new Notification(notice.Id, notice.Kind, notice.At, notice.OrderId, notice.Subject);
        return Of(notice.UserId).ChangeAsync(inbox => ((inbox ?? InboxDocument.Empty).With(notification), inbox is not { IsClosed: true }), cancellationToken);
    }

    public async Task<InboxDocument> ReadAsync(string userId, CancellationToken cancellationToken) =>
        await Of(userId).ReadAsync(cancellationToken) ?? InboxDocument.Empty;

    /// <returns>What is in it, to the last notice that came in.</returns>
    public Task<ImmutableList<Notification>> CloseAsync(string userId, CancellationToken cancellationToken) =>
        Of(userId).ChangeAsync(
            inbox =>
            {
                var closed = (inbox ?? InboxDocument.Empty).Close();
                return (closed, closed.Items);
            },
            cancellationToken);

    public Task EmptyAsync(string userId, CancellationToken cancellationToken) =>
        Of(userId).ChangeAsync(inbox => (inbox is { IsClosed: true, Items.Count: 0 } ? inbox : InboxDocument.Closed, true), cancellationToken);

    public void Dispose() => documents.Dispose();

    private SharedDocument<InboxDocument> Of(string userId) => documents.GetOrCreate(userId, entry =>
    {
        entry.SetSize(1).SetSlidingExpiration(Idle);
        return new SharedDocument<InboxDocument>(dapr, NotificationsApp.Store, $"inbox-{userId}", JsonSerializerOptions.Web, Linger);
    })!;
}
