namespace Quayside.Caching;

/// <summary>What replicas of a service share. It may fail or forget at any time: that costs a load and nothing else.</summary>
public interface ISecondLevel
{
    /// <returns>Value and ETag, both empty if the key is not there.</returns>
    Task<(ReadOnlyMemory<byte> Value, string ETag)> GetAsync(string key, CancellationToken cancellationToken);

    /// <param name="key">Of the entry.</param>
    /// <param name="value">What to keep.</param>
    /// <param name="etag">As it was read; empty for a key that was not there.</param>
    /// <param name="timeToLive">Whole seconds, 1 or more.</param>
    /// <param name="cancellationToken">Ends the wait; the write may happen all the same.</param>
    /// <returns>False if somebody else wrote since.</returns>
    Task<bool> TrySetAsync(string key, ReadOnlyMemory<byte> value, string etag, TimeSpan timeToLive, CancellationToken cancellationToken);
}
