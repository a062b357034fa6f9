namespace Quayside.Caching;

/// <summary>What replicas of a service share. It may fail or forget at any time: that costs a load and nothing else.</summary>
public interface ISecondLevel
{
    /// <returns>Empty if the key is not there.</returns>
    Task<ReadOnlyMemory<byte>> GetAsync(string key, CancellationToken cancellationToken);

    Task SetAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken);
}
