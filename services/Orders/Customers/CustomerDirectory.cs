using Microsoft.Extensions.Caching.Hybrid;
using Quayside.Caching;
using Quayside.Contracts.Users;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Orders.Customers;

/// <summary>Whether a user exists, asked of Users and cached. A missing user is asked for again: he may just be registering.</summary>
internal sealed class CustomerDirectory(Invoker invoker, HybridCache cache, ICacheInvalidation invalidation)
{
    public async ValueTask<bool> ExistsAsync(string userId, CancellationToken cancellationToken)
    {
        var key = Key(userId);
        var exists = await cache.GetOrCreateAsync(
            key, (invoker, userId),
            static async (source, token) =>
                (await source.invoker.PostAsync<CheckUser, CheckUserResult>("user-service", "/internal/users/exists", new(source.userId), token)).Exists,
            cancellationToken: cancellationToken);
        if (!exists)
            await cache.RemoveAsync(key, cancellationToken);
        return exists;
    }

    /// <summary>In every replica.</summary>
    public ValueTask ForgetAsync(string userId) => invalidation.InvalidateAsync(Key(userId));

    private static string Key(string userId) => $"user:{userId}";
}
