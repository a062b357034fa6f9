namespace LocalDapr.Runtime.PubSub.Embedded;

/// <summary>
/// What a consumer group has done: everything up to <paramref name="Position"/>, and of what lies above it the newly acknowledged offsets.
/// <paramref name="MayHaveRows"/>: offsets were saved one by one before, and those below the position can be forgotten.
/// </summary>
internal sealed record GroupProgress(long Consumer, long Position, IReadOnlyList<long> Above, bool MayHaveRows);
