using System.Security.Claims;
using System.Threading.RateLimiting;
using Quayside.ServiceDefaults.Clients;

namespace Quayside.Gateway.Limits;

/// <summary>Token buckets: <c>user</c> is one per user, every other one per client, or whoever has many accounts would have many buckets.</summary>
public sealed class RateLimits : IDisposable
{
    public const string Anonymous = "anonymous";
    private const string User = "user";

    // A tenth of a second's tokens at a time: a client at its limit is slowed evenly, not in bursts.
    private const int Ticks = 10;
    private readonly Dictionary<string, GatewayOptions.Bucket> buckets;
    private readonly PartitionedRateLimiter<(string Bucket, string Who)> limiter;

    public RateLimits(GatewayOptions options)
    {
        buckets = options.RateLimits;
        limiter = PartitionedRateLimiter.Create<(string Bucket, string Who), (string, string)>(key =>
            RateLimitPartition.GetTokenBucketLimiter(key, k => Limit(k.Item1)));
    }

    /// <param name="bucket">Null: <c>user</c> for callers with a token, <see cref="Anonymous"/> for others.</param>
    /// <returns>Null when the request may pass; else the time after which it is worth trying again.</returns>
    public TimeSpan? Refuse(HttpContext context, string? bucket)
    {
        var user = context.User.FindFirstValue("sub");
        bucket ??= user is null ? Anonymous : User;
        var who = bucket == User && user is not null ? user : ClientKey.Of(ClientAddress.Of(context));
        using var lease = limiter.AttemptAcquire((bucket, who));
        if (lease.IsAcquired) return null;
        return lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1);
    }

    public void Dispose() => limiter.Dispose();

    private TokenBucketRateLimiterOptions Limit(string name)
    {
        var bucket = buckets.GetValueOrDefault(name) ?? new GatewayOptions.Bucket();
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = bucket.Burst,
            TokensPerPeriod = Math.Max(1, bucket.PerSecond / Ticks),
            ReplenishmentPeriod = TimeSpan.FromSeconds(Math.Max(1, bucket.PerSecond / Ticks) / (double)bucket.PerSecond),
            QueueLimit = 0,
        };
    }
}
