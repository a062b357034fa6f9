using Quayside.Contracts.Users;

namespace Quayside.Users.Profiles;

/// <summary>Demo user and admin, at first start.</summary>
internal sealed class Seed(ProfileTable profiles, TimeProvider time, IConfiguration configuration) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!configuration.GetValue("Seed:Users", true)) return;
        foreach (var user in SeedUsers.All)
            await profiles.AddAsync(new Profile(user.UserId, user.Email, user.Name, null, time.GetUtcNow(), 1), cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
