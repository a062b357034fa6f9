using Quayside.Contracts.Users;
using Quayside.EventSourcing;

namespace Quayside.Users.Profiles;

/// <summary>Who exists at first start.</summary>
internal sealed class Seed(EventStore store, ProfileTable profiles, IConfiguration configuration) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var user in SeedUsers.Of(configuration["Seed:Users"]))
        {
            await store.WriteAsync(
                user.UserId,
                async transaction => await profiles.AddOrFindAsync(transaction, user.UserId, user.Email, user.Name, new EventMetadata()),
                cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
