namespace Quayside.Caching;

/// <summary>How new a value or an invalidation is.</summary>
/// <param name="Version">That of the source; 0 for none.</param>
/// <param name="At">When the load began, or the invalidation was made: UTC ticks of the clock where that happened.</param>
/// <param name="Id">Of an invalidation without a version, which says that everything loaded before goes. By its time it could not be told from another one: clocks differ.</param>
internal readonly record struct Stamp(long Version, long At, string? Id = null)
{
    /// <summary>Tolerated difference between the clocks of two machines; within it a value counts as older, which costs a load.</summary>
    private static readonly long ClockSkew = TimeSpan.FromSeconds(5).Ticks;

    public static Stamp Of(object? value, long at) => new(value is IVersioned { Version: > 0 and var version } ? version : 0, at);

    public bool IsOutdatedBy(Stamp invalidation) => IsOutdatedBy(invalidation, ClockSkew);

    /// <summary>The same by one clock, that of this process.</summary>
    public bool IsBefore(Stamp invalidation) => IsOutdatedBy(invalidation, -1);

    public bool IsOlderVersionThan(Stamp other) => Version > 0 && Version < other.Version;

    /// <summary>Whether an invalidation tells nothing that this one does not say.</summary>
    public bool Covers(Stamp invalidation) => invalidation.Id is null ? Version >= invalidation.Version : Id == invalidation.Id;

    public Stamp With(Stamp next) => new(Math.Max(Version, next.Version), Math.Max(At, next.At), next.Id ?? Id);

    private bool IsOutdatedBy(Stamp invalidation, long skew)
    {
        var bothVersioned = Version > 0 && invalidation.Version > 0;
        return bothVersioned && Version < invalidation.Version
            || (!bothVersioned || invalidation.Id is not null) && At <= invalidation.At + skew;
    }
}
