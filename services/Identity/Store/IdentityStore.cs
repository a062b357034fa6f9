using Dapr.Client;

namespace Quayside.Identity.Store;

/// <summary>
/// Documents in the state store: one key each, created by first-write, changed with the etag that was read.
/// </summary>
public sealed class IdentityStore(DaprClient dapr)
{
    public const string Name = "identity-store";

    // More rivals than that for one document are an attack or a bug; the caller sees a failure.
    private const int MaxTries = 10;
    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite, Consistency = ConsistencyMode.Strong };

    public async Task<T?> FindAsync<T>(string key, CancellationToken cancellation)
        where T : class => (await ReadAsync<T>(key, cancellation)).Value;

    /// <returns>False if the key is taken.</returns>
    public Task<bool> CreateAsync<T>(string key, T document, TimeSpan? lifetime, CancellationToken cancellation)
        where T : class => dapr.TrySaveStateAsync(Name, key, document, "", FirstWrite, Ttl(lifetime), cancellation);

    /// <summary>Reads, decides and writes until nobody came in between.</summary>
    /// <param name="decide">Gets null for a missing key; its change is written, its null leaves the document as it is.</param>
    public async Task<TResult> ChangeAsync<T, TResult>(
        string key, Func<T?, (T? Change, TResult Result)> decide, TimeSpan? lifetime, CancellationToken cancellation)
        where T : class
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var (document, etag) = await ReadAsync<T>(key, cancellation);
            var (change, result) = decide(document);
            if (change is null) return result;
            if (await dapr.TrySaveStateAsync(Name, key, change, etag, FirstWrite, Ttl(lifetime), cancellation)) return result;
        }

        throw Contended(key);
    }

    /// <summary>Deletes the document, with the etag that was read, if it is (still) the one that is meant.</summary>
    public async Task DeleteAsync<T>(string key, Func<T, bool> isMeant, CancellationToken cancellation)
        where T : class
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var (document, etag) = await ReadAsync<T>(key, cancellation);
            if (document is null || !isMeant(document)) return;
            if (await dapr.TryDeleteStateAsync(Name, key, etag, FirstWrite, cancellationToken: cancellation)) return;
        }

        throw Contended(key);
    }

    private static InvalidOperationException Contended(string key) => new($"The document {key} changed {MaxTries} times while it was to be written.");

    private async Task<(T? Value, string ETag)> ReadAsync<T>(string key, CancellationToken cancellation)
        where T : class
    {
        var (value, etag) = await dapr.GetStateAndETagAsync<T?>(Name, key, ConsistencyMode.Strong, cancellationToken: cancellation);
        return (value, etag);
    }

    private static Dictionary<string, string>? Ttl(TimeSpan? lifetime) => lifetime is { } span
        ? new() { ["ttlInSeconds"] = ((long)span.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture) }
        : null;
}
