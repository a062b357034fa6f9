using Microsoft.Extensions.Caching.Memory;
using Quayside.Contracts.Users;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Notifications.Sending;

/// <summary>Addresses, asked for when they are needed and kept for half a minute: events carry none.</summary>
internal sealed class Customers(Invoker invoker) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);
    private readonly MemoryCache known = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    public async Task<UserProfile?> FindAsync(string userId, CancellationToken cancellationToken)
    {
        if (known.TryGetValue(userId, out UserProfile? profile)) return profile;
        profile = (await invoker.PostAsync<ReadProfile, ReadProfileResult>("user-service", "internal/users/profile", new(userId), cancellationToken)).Profile;
        if (profile is not null) known.Set(userId, profile, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Fresh });
        return profile;
    }

    public void Forget(string userId) => known.Remove(userId);

    public void Dispose() => known.Dispose();
}
