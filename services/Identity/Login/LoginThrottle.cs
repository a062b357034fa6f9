using System.Collections.Concurrent;

namespace Quayside.Identity.Login;

/// <summary>
/// Counts failed logins by account and client, so nobody can lock out the owner from elsewhere. Accounts that do not exist are
/// counted alike. Kept in memory: a restart forgets, which costs an attacker more than it gives.
/// </summary>
public sealed class LoginThrottle(TimeProvider time)
{
    private const int Allowed = 10;
    private const int MaxRemembered = 20_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<(string Account, string Client), Failures> failures = new();

    /// <returns>Null if a try may be made; else how long to wait. A try counts as failed until <see cref="Succeeded"/>.</returns>
    public TimeSpan? Begin(string account, string client)
    {
        var now = time.GetUtcNow();
        if (failures.Count >= MaxRemembered) Forget(now);
        var counted = failures.AddOrUpdate((account, client), _ => new Failures(1, now),
            (_, old) => now >= old.Since + Window ? new Failures(1, now) : old with { Count = old.Count + 1 });
        return counted.Count <= Allowed ? null : counted.Since + Window - now;
    }

    public void Succeeded(string account, string client) => failures.TryRemove((account, client), out _);

    private void Forget(DateTimeOffset now)
    {
        foreach (var (key, old) in failures)
            if (now >= old.Since + Window) failures.TryRemove(key, out _);
        if (failures.Count >= MaxRemembered) failures.Clear();
    }

    private sealed record Failures(int Count, DateTimeOffset Since);
}
