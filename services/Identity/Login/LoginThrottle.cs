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
    private readonly Lock gate = new();
    private readonly Dictionary<(string Account, string Client), Failures> failures = [];

    // By the beginning of their windows; what was forgiven or begun anew since is passed over.
    private readonly Queue<((string Account, string Client) Key, DateTimeOffset Since)> oldest = [];

    /// <returns>Null if a try may be made; else how long to wait. A try counts as failed until <see cref="Succeeded"/>.</returns>
    public TimeSpan? Begin(string account, string client)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            var key = (account, client);
            if (!failures.TryGetValue(key, out var counted) || now >= counted.Since + Window)
            {
                Forget(now);
                counted = new Failures(0, now);
                oldest.Enqueue((key, now));
            }

            failures[key] = counted = counted with { Count = counted.Count + 1 };
            return counted.Count <= Allowed ? null : counted.Since + Window - now;
        }
    }

    public void Succeeded(string account, string client)
    {
        lock (gate) failures.Remove((account, client));
    }

    /// <summary>The try that was begun last was never made.</summary>
    public void Forgive(string account, string client)
    {
        lock (gate)
            if (failures.TryGetValue((account, client), out var counted)) failures[(account, client)] = counted with { Count = counted.Count - 1 };
    }

    /// <summary>What is over, and beyond the bound the oldest: a flood of made-up accounts pushes out no more than there were before it.</summary>
    private void Forget(DateTimeOffset now)
    {
        while (oldest.TryPeek(out var first) && (now >= first.Since + Window || oldest.Count >= MaxRemembered))
        {
            oldest.Dequeue();
            if (failures.TryGetValue(first.Key, out var counted) && counted.Since == first.Since) failures.Remove(first.Key);
        }
    }

    private readonly record struct Failures(int Count, DateTimeOffset Since);
}
