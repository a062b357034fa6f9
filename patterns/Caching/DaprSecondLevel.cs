using System.Globalization;
using Dapr.Client;

namespace Quayside.Caching;

/// <summary>A Dapr state store as second level; every write carries <c>ttlInSeconds</c>.</summary>
public sealed class DaprSecondLevel(DaprClient dapr, string store) : ISecondLevel
{
    public Task<ReadOnlyMemory<byte>> GetAsync(string key, CancellationToken cancellationToken) =>
        dapr.GetByteStateAsync(store, key, cancellationToken: cancellationToken);

    public Task SetAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        var seconds = Math.Max(1, (long)timeToLive.TotalSeconds);
        Dictionary<string, string> metadata = new() { ["ttlInSeconds"] = seconds.ToString(CultureInfo.InvariantCulture) };
        return dapr.SaveByteStateAsync(store, key, value, metadata: metadata, cancellationToken: cancellationToken);
    }
}
