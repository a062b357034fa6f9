namespace Dapr.Client;

/// <summary>One key of a bulk get: its JSON text and etag, both empty when the key is missing.</summary>
public readonly struct BulkStateItem(string key, string value, string etag)
{
    public string Key { get; } = key;

    public string Value { get; } = value;

    public string ETag { get; } = etag;
}

/// <inheritdoc cref="BulkStateItem"/>
public readonly struct BulkStateItem<TValue>(string key, TValue value, string etag)
{
    public string Key { get; } = key;

    public TValue Value { get; } = value;

    public string ETag { get; } = etag;
}
