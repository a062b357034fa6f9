using System.Security.Cryptography;
using System.Text;
using Dapr.Client;

namespace Quayside.Notifications.Sending;

/// <summary>What a stranger can trigger is told once a day to each recipient: registrations in another's name neither flood his mailbox nor push his orders out of the inbox.</summary>
internal sealed class OnceADay(DaprClient dapr)
{
    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite, Consistency = ConsistencyMode.Strong };
    private static readonly Dictionary<string, string> Day = new() { ["ttlInSeconds"] = "86400" };

    /// <param name="recipient">Kept as its hash: who was told is nobody's business.</param>
    /// <returns>True for the day's first registration, every time that it asks.</returns>
    public async Task<bool> MayTellAsync(string recipient, string registrationId, CancellationToken cancellationToken)
    {
        var key = $"told-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(recipient)))}";
        return await FindAsync(key, cancellationToken) is { } first
            ? first == registrationId
            : await dapr.TrySaveStateAsync(NotificationsApp.Store, key, registrationId, "", FirstWrite, Day, cancellationToken)
                || await FindAsync(key, cancellationToken) == registrationId;
    }

    private Task<string?> FindAsync(string key, CancellationToken cancellationToken) =>
        dapr.GetStateAsync<string?>(NotificationsApp.Store, key, ConsistencyMode.Strong, cancellationToken: cancellationToken);
}
