using System.Globalization;
using Dapr;
using Dapr.Client;

namespace Quayside.Caching;

/// <summary>A Dapr state store as second level; every write is a compare-and-set and carries <c>ttlInSeconds</c>.</summary>
public sealed class DaprSecondLevel(DaprClient dapr, string store) : ISecondLevel
{
    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite };

    public Task<(ReadOnlyMemory<byte> Value, string ETag)> GetAsync(string key, CancellationToken cancellationToken) =>
        dapr.GetByteStateAndETagAsync(store, key, cancellationToken: cancellationToken);

    public async Task<bool> TrySetAsync(string key, ReadOnlyMemory<byte> value, string etag, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        var seconds = Math.Max(1, (long)timeToLive.TotalSeconds);
        Dictionary<string, string> metadata = new() { ["ttlInSeconds"] = seconds.ToString(CultureInfo.InvariantCulture) };
        try
        {
            return await dapr.TrySaveByteStateAsync(store, key, value, etag, FirstWrite, metadata, cancellationToken);
        }
        catch (DaprException) when (etag.Length == 0 && !cancellationToken.IsCancellationRequested)
        {
            // Some stores report a lost race to create as a plain failure. A store that is down fails again when the key is read.
            return false;
        }
    }
}
