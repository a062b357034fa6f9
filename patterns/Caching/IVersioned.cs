namespace Quayside.Caching;

/// <summary>A value that knows which version of its source it shows. A cache never lets an older version take the place of a newer one;
/// values without a version are told apart by when they were loaded.</summary>
public interface IVersioned
{
    /// <summary>1 or more; grows with every change of what the key names.</summary>
    long Version { get; }
}
