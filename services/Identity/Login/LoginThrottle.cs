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
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private readonly Lock gate = new();
    private readonly Dictionary<(string Account, string Client), Count> counts = [];

    // By the beginning of their windows; what was begun anew since is passed over.
    private readonly Queue<((string Account, string Client) Key, DateTimeOffset Since)> oldest = [];

    /// <returns>Null if a try may be made, to be ended by one of the other methods; else how long to wait: until failures are forgotten, or for tries that are
    /// under way and may all fail.</returns>
    public TimeSpan? Begin(string account, string client)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            var key = (account, client);
            if (!counts.TryGetValue(key, out var count) || now >= count.Since + Window)
            {
                Forget(now);
                count = new Count(now);
                oldest.Enqueue((key, now));
            }

            if (count.Failed >= Allowed) return count.Since + Window - now;
            if (count.Failed + count.UnderWay >= Allowed) return Soon;
            counts[key] = count with { UnderWay = count.UnderWay + 1 };
            return null;
        }
    }

    public void Failed(string account, string client) => End(account, client, count => count with { Failed = count.Failed + 1 });

    public void Succeeded(string account, string client) => End(account, client, count => count with { Failed = 0 });

    /// <summary>The try was never made.</summary>
    public void Forgive(string account, string client) => End(account, client, count => count);

    private void End(string account, string client, Func<Count, Count> judge)
    {
        lock (gate)
        {
            if (counts.TryGetValue((account, client), out var count))
                counts[(account, client)] = judge(count with { UnderWay = Math.Max(0, count.UnderWay - 1) });
        }
    }

    /// <summary>What is over, and beyond the bound the oldest: a flood of made-up accounts pushes out no more than there were before it.</summary>
    private void Forget(DateTimeOffset now)
    {
        while (oldest.TryPeek(out var first) && (now >= first.Since + Window || oldest.Count >= MaxRemembered))
        {
            oldest.Dequeue();
            if (counts.TryGetValue(first.Key, out var count) && count.Since == first.Since) counts.Remove(first.Key);
        }
    }

    private readonly record struct Count(DateTimeOffset Since, int Failed = 0, int UnderWay = 0);
}
