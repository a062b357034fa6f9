namespace Quayside.Identity.Keys;

/// <summary>A P-256 key: public in the clear, private wrapped.</summary>
/// <param name="SignsFrom">It is published earlier, so that verifiers have it by then.</param>
internal sealed record StoredKey(string Kid, DateTimeOffset SignsFrom, byte[] X, byte[] Y, byte[] WrappedPrivate);

/// <summary>The keys that are published, newest first, and when each of them comes and goes.</summary>
internal sealed record KeyDocument(IReadOnlyList<StoredKey> Keys)
{
    /// <summary>A key signs that long.</summary>
    public static readonly TimeSpan Term = TimeSpan.FromDays(30);

    /// <summary>From publishing to signing; longer than the ten minutes for which verifiers keep what they have read.</summary>
    public static readonly TimeSpan Lead = TimeSpan.FromHours(1);

    /// <summary>From the last signature to the withdrawal; longer than the five minutes that a token lives.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(1);

    public StoredKey SignerAt(DateTimeOffset now) => Keys.FirstOrDefault(key => key.SignsFrom <= now) ?? Keys[^1];

    public bool IsDue(DateTimeOffset now) => NeedsKey(now) || Keys.Count != StillPublished(now).Count;

    private bool NeedsKey(DateTimeOffset now) => Keys[0].SignsFrom + Term - Lead <= now;

    /// <summary>The document with what the time asks for. Of two replicas that make a key both the first to write wins; the other finds that none is needed.</summary>
    /// <param name="made">Signs at once if it is the first of all.</param>
    public static KeyDocument Renew(KeyDocument? stored, StoredKey made, DateTimeOffset now)
    {
        if (stored is null) return new([made with { SignsFrom = now }]);
        if (!stored.IsDue(now)) return stored;
        var published = stored.StillPublished(now);
        return new(stored.NeedsKey(now) ? [made with { SignsFrom = now + Lead }, .. published] : published);
    }

    private List<StoredKey> StillPublished(DateTimeOffset now) => [.. Keys.Where((_, i) => i == 0 || now < Keys[i - 1].SignsFrom + Overlap)];
}
