namespace Quayside.Caching;

/// <summary>
/// Invalidation in every replica of every service, where HybridCache's own Remove reaches this replica and what its replicas share. When a call returns, this replica
/// gives no older value any more. The others are told, and told again for 10 minutes while the broker is down; what they still have in memory is 30 s old at most. Never an error.
/// </summary>
public interface ICacheInvalidation
{
    /// <param name="key">The same in every service that caches it.</param>
    /// <param name="version">That of the source after its change: entries of this version or a newer one stay. None: everything loaded before now goes.</param>
    ValueTask InvalidateAsync(string key, long? version = null);

    /// <summary>Everything loaded before now that carries the tag.</summary>
    ValueTask InvalidateTagAsync(string tag);
}
