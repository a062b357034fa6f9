using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Quayside.ServiceDefaults.Authentication;

/// <summary>
/// The public keys by kid: fetched on first need and kept; fetched again beside the requests when they are old, and before the answer for an unknown kid,
/// but at most every ten seconds, so that made-up kids cost a look into a dictionary.
/// </summary>
public sealed partial class SigningKeys(IJwksSource source, TimeProvider time, ILogger<SigningKeys> logger)
{
    // Once a successful answer is older than this, it is asked for again so that withdrawn keys disappear.
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);
    // While nothing is known at all (auth-service is starting) waiting longer would only refuse good tokens.
    private static readonly TimeSpan ColdPause = TimeSpan.FromSeconds(1);
    private readonly Lock gate = new();
    private volatile Snapshot current = new([], DateTimeOffset.MinValue);
    private Task fetching = Task.CompletedTask;
    private DateTimeOffset nextFetch = DateTimeOffset.MinValue;

    /// <summary>No key has ever been read, so no token can be judged.</summary>
    public bool AreUnknown => current.Keys.Count == 0;

    public async ValueTask<SecurityKey?> FindAsync(string? kid)
    {
        if (string.IsNullOrEmpty(kid)) return null;
        var known = current;
        var isKnown = known.Keys.TryGetValue(kid, out var key);
        if (isKnown && time.GetUtcNow() < known.At + MaxAge) return key;
        var fetch = FetchIfDue();
        // Good tokens do not wait for an auth-service that is slow to answer.
        if (isKnown) return key;
        await fetch;
        return current.Keys.GetValueOrDefault(kid);
    }

    private Task FetchIfDue()
    {
        lock (gate)
        {
            if (!fetching.IsCompleted) return fetching;
            return time.GetUtcNow() < nextFetch ? Task.CompletedTask : fetching = Task.Run(FetchAsync);
        }
    }

    private async Task FetchAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), time);
            var set = new JsonWebKeySet(await source.ReadAsync(limit.Token));
            var keys = set.GetSigningKeys().OfType<SecurityKey>().Where(k => k.KeyId is { Length: > 0 });
            current = new Snapshot(keys.ToDictionary(k => k.KeyId, StringComparer.Ordinal), time.GetUtcNow());
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or ArgumentException)
        {
            Log.Unavailable(logger, failure.Message);
        }

        nextFetch = time.GetUtcNow() + (current.Keys.Count == 0 ? ColdPause : Pause);
    }

    private sealed record Snapshot(Dictionary<string, SecurityKey> Keys, DateTimeOffset At);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The keys of auth-service cannot be read: {Reason}")]
        public static partial void Unavailable(ILogger logger, string reason);
    }
}
