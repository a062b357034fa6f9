using Microsoft.Extensions.Caching.Hybrid;
using Quayside.Caching;

namespace Quayside.Users.Profiles;

/// <summary>
/// Profiles as they are read, from the memory of the replica for up to 30 s. Never from a second level: a profile holds an e-mail address, which stands in no store but
/// this service's own. A missing profile is looked up each time: its user may just be registering.
/// </summary>
internal sealed class ProfileReader(HybridCache cache, ICacheInvalidation invalidation, ProfileTable profiles)
{
    private static readonly HybridCacheEntryOptions MemoryOnly = new() { Flags = HybridCacheEntryFlags.DisableDistributedCache };

    public async ValueTask<Profile?> FindAsync(string id, CancellationToken cancellationToken) =>
        await cache.GetOrCreateAsync(
            Key(id), (profiles, id), static async (source, token) => await source.profiles.FindAsync(source.id, token), MemoryOnly, cancellationToken: cancellationToken)
        ?? await profiles.FindAsync(id, cancellationToken);

    /// <summary>To be called after each change.</summary>
    public ValueTask ChangedAsync(Profile profile) => invalidation.InvalidateAsync(Key(profile.Id), profile.Version);

    private static string Key(string id) => $"profile:{id}";
}
