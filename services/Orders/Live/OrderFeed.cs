using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Quayside.EventSourcing;
using Quayside.Orders.Storage;
using Quayside.Sharding;

namespace Quayside.Orders.Live;

/// <summary>What a reader of one stream gets, and when it ends.</summary>
internal sealed class OrderFeed(Shards shards, OrderChanges changes, IOptions<LiveOptions> options, IHostApplicationLifetime host, TimeProvider time)
{
    private const string EventType = "status";

    private static readonly ReadOnlyMemory<byte> Comment = ":\n\n"u8.ToArray();

    /// <summary>Ends with the final status, with the reader's right to read, or with this replica: who wants more comes again and says what he has.</summary>
    /// <param name="seen">Version after which to begin.</param>
    /// <param name="until">When the reader's token expires.</param>
    /// <param name="context">Gets comment lines; between two events nothing else is written.</param>
    public async IAsyncEnumerable<SseItem<OrderChange>> FollowAsync(
        string orderId, long seen, DateTimeOffset until, HttpContext context, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var left = until - time.GetUtcNow();
        using var expiry = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, host.ApplicationStopping);
        using var follower = changes.Follow(orderId);
        // the headers go out with it: a reader knows that he is connected before anything happens
        await CommentAsync(context, cancellationToken);
        while (!end.IsCancellationRequested)
        {
            var next = follower.Next;
            foreach (var stored in await ReadAsync(orderId, seen, cancellationToken))
            {
                seen = stored.Version;
                if (OrderChange.Of(stored) is not { } change)
                    continue;
                yield return new(change, EventType) { EventId = seen.ToString(CultureInfo.InvariantCulture) };
                if (change.IsFinal)
                    yield break;
            }
            while (!await HappensAsync(next, end.Token, cancellationToken) && !end.IsCancellationRequested)
                await CommentAsync(context, cancellationToken);
        }
    }

    /// <returns>False after the time of a heartbeat, or at the end.</returns>
    private async Task<bool> HappensAsync(Task next, CancellationToken end, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end, cancellationToken);
        await next.WaitAsync(options.Value.Heartbeat, time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return next.IsCompleted;
    }

    private async Task<IReadOnlyList<DomainEvent>> ReadAsync(string orderId, long seen, CancellationToken cancellationToken)
    {
        try
        {
            return await shards.OnOwnerAsync(orderId, () => shards.Of(orderId).ReadStreamAsync(orderId, cancellationToken, seen).AsTask(), cancellationToken);
        }
        catch (ShardBusyException)
        {
            // it goes on where it will be
            return [];
        }
    }

    private static async Task CommentAsync(HttpContext context, CancellationToken cancellationToken)
    {
        await context.Response.Body.WriteAsync(Comment, cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }
}
