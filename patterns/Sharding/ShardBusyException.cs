namespace Quayside.Sharding;

/// <summary>What was asked for is being moved to another shard and was not there in time; nothing was written. The same request works soon.</summary>
public sealed class ShardBusyException(string what) : Exception($"{what} is being moved to another shard; try again soon");
