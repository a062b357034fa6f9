namespace Dapr.Client;

/// <summary>One operation of a state transaction.</summary>
public sealed class StateTransactionRequest
{
    public StateOptions? Options;

    public StateTransactionRequest(string key, byte[]? value, StateOperationType operationType, string? etag = null,
        IReadOnlyDictionary<string, string>? metadata = null, StateOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        (Key, Value, OperationType, ETag, Metadata, Options) = (key, value, operationType, etag, metadata, options);
    }

    public string Key { get; }

    public byte[]? Value { get; set; }

    public StateOperationType? OperationType { get; set; }

    public string? ETag { get; set; }

    public IReadOnlyDictionary<string, string>? Metadata { get; set; }
}
