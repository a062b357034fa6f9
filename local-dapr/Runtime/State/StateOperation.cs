namespace LocalDapr.Runtime.State;

/// <summary>One operation of a transaction, and what an outbox publishes of it: the value as it was sent, before encryption.</summary>
internal readonly record struct StateOperation(StateWrite Write, ReadOnlyMemory<byte> Value, string? ContentType, IReadOnlyDictionary<string, string> Metadata);
