using Dapr;
using Dapr.Client;
using Quayside.Contracts.Users;
using Quayside.Identity.Accounts;
using Quayside.Identity.Keys;

namespace Quayside.Identity.Credentials;

/// <summary>Waits for the sidecar, then sees to it that there is a signing key and, in development, somebody to log in.</summary>
internal sealed partial class FirstStart(
    DaprClient dapr, SigningKeyRing ring, CredentialBook book, AccountBook accounts, PasswordCheck passwords, IConfiguration configuration, TimeProvider time, ILogger<FirstStart> logger)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when keys and users are there; before that a login could only be refused wrongly.</summary>
    public Task Done => done.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await dapr.WaitForSidecarAsync(stoppingToken);
                await ring.GetAsync(stoppingToken);
                await SeedAsync(stoppingToken);
                passwords.WarmUp();
                done.SetResult();
                return;
            }
            catch (Exception failure) when (failure is DaprException or InvalidOperationException)
            {
                Log.NotYet(logger, failure.InnerException?.Message ?? failure.Message);
                await Task.Delay(Pause, time, stoppingToken);
            }
        }
    }

    private async Task SeedAsync(CancellationToken cancellation)
    {
        var setting = configuration["Seed:Users"];
        foreach (var user in SeedUsers.Of(setting))
        {
            if (await accounts.FindOpenAsync(user.UserId, cancellation) is not null) continue;
            var password = SeedUsers.AreForDevelopment(setting)
                ? user.DevelopmentPassword
                : configuration["Seed:AdminPassword"] ?? throw new InvalidOperationException("Seed:AdminPassword is not set");
            await book.AddAsync(user.Email, user.UserId, user.Role, passwords.Hash(password), cancellation);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Keys and users cannot be read yet: {Reason}")]
        public static partial void NotYet(ILogger logger, string reason);
    }
}
