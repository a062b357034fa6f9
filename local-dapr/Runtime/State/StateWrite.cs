namespace LocalDapr.Runtime.State;

/// <summary>One write or, without a value, one delete of a key, as a store gets it.</summary>
/// <param name="Key">With the component's prefix.</param>
/// <param name="Value">Null for a delete.</param>
/// <param name="IsJson">True for JSON text, false for bytes that only their owner understands; stores that keep text tell them apart.</param>
/// <param name="ETag">The version that must still be there; null or empty = any.</param>
/// <param name="FirstWrite">Without an etag: only if the key does not exist.</param>
/// <param name="TtlSeconds">Positive; null = for ever, which also ends an earlier expiry.</param>
internal sealed record StateWrite(string Key, ReadOnlyMemory<byte>? Value, bool IsJson, string? ETag, bool FirstWrite, int? TtlSeconds)
{
    public bool HasETag => ETag is { Length: > 0 };
}

/// <summary>What is stored under a key. The etag is a UUID, new at each write.</summary>
internal sealed record StateValue(byte[] Data, string ETag, DateTimeOffset? Expires);

/// <summary>The etag is not the current one, or a first-write found the key taken.</summary>
internal sealed class ETagMismatchException(string key) : Exception($"possible etag mismatch: the item with key {key} was changed or created by someone else");
