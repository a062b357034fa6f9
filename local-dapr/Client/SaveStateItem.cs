namespace Dapr.Client;

/// <summary>One write of a bulk save.</summary>
public readonly struct SaveStateItem<TValue>(string key, TValue value, string etag, StateOptions? stateOptions = null, IReadOnlyDictionary<string, string>? metadata = null)
{
    public string Key { get; } = key;

    public TValue Value { get; } = value;

    public string ETag { get; } = etag;

    public StateOptions? StateOptions { get; } = stateOptions;

    public IReadOnlyDictionary<string, string>? Metadata { get; } = metadata;
}

/// <summary>One deletion of a bulk delete.</summary>
public readonly struct BulkDeleteStateItem(string key, string etag, StateOptions? stateOptions = null, IReadOnlyDictionary<string, string>? metadata = null)
{
    public string Key { get; } = key;

    public string ETag { get; } = etag;

    public StateOptions? StateOptions { get; } = stateOptions;

    public IReadOnlyDictionary<string, string>? Metadata { get; } = metadata;
}
