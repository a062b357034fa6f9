namespace Quayside.Identity.Tokens;

/// <summary>All refresh tokens that came from one login: generation 0 and its successors. One document.</summary>
/// <param name="Generation">Of the newest token; the only one good for a successor.</param>
/// <param name="RenewedAt">When that token was made.</param>
internal sealed record Family(
    string Id, string UserId, int Generation, DateTimeOffset StartedAt, DateTimeOffset RenewedAt, bool IsRevoked = false)
{
    /// <summary>A client whose answer was lost may ask again that long.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    /// <summary>Without use a refresh token ends after this.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromDays(14);

    /// <summary>A login ends after this, however it is used.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(90);

    public bool IsOver(DateTimeOffset now) => IsRevoked || now >= RenewedAt + Idle || now >= StartedAt + Longest;

    /// <summary>Somebody presents the token of a generation.</summary>
    /// <returns>
    /// The family after it, whose newest token is the answer; null refuses. Change says whether it differs from this one.
    /// A token older than that was stolen, or its thief was quicker than its owner: the family ends.
    /// </returns>
    public (Family? Answer, bool Change, Family After) Present(int generation, DateTimeOffset now)
    {
        if (IsOver(now)) return (null, false, this);
        if (generation == Generation)
        {
            var renewed = this with { Generation = Generation + 1, RenewedAt = now };
            return (renewed, true, renewed);
        }

        if (generation == Generation - 1 && now < RenewedAt + Grace) return (this, false, this);
        return (null, true, this with { IsRevoked = true });
    }
}
