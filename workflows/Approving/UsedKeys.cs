using System.Text.Json;
using Dapr;
using Dapr.Client;

namespace Quayside.Workflows.Approving;

/// <summary>What a key was used for.</summary>
internal sealed record KeyUse(string Action, string OrderId, string? Reason = null);

/// <summary>
/// Remembers for a day what each key was used for, across orders: one key, one action. Whether the action happened is not its business,
/// that is in the order's own stream, for ever.
/// </summary>
internal sealed class UsedKeys(DaprClient dapr)
{
    private const string Store = "workflow-store";
    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite };
    private static readonly Dictionary<string, string> ADay = new() { ["ttlInSeconds"] = "86400" };

    /// <returns>False when the key was used for something else before.</returns>
    public async Task<bool> TryUseAsync(string keyHash, KeyUse use, CancellationToken cancellationToken)
    {
        var name = $"used-key-{keyHash}";
        if (await FindAsync(name, cancellationToken) is { } known)
            return known == use;
        var bytes = JsonSerializer.SerializeToUtf8Bytes(use, JsonSerializerOptions.Web);
        try
        {
            if (await dapr.TrySaveByteStateAsync(Store, name, bytes, etag: "", FirstWrite, ADay, cancellationToken))
                return true;
        }
        catch (DaprException)
        {
            // Some stores report the lost race as a plain failure; the record itself tells the difference.
            if (await FindAsync(name, cancellationToken) is null)
                throw;
        }
        return await FindAsync(name, cancellationToken) == use;
    }

    private async Task<KeyUse?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var bytes = await dapr.GetByteStateAsync(Store, name, cancellationToken: cancellationToken);
        return bytes.IsEmpty ? null : JsonSerializer.Deserialize<KeyUse>(bytes.Span, JsonSerializerOptions.Web);
    }
}
