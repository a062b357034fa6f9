using System.Collections;
using System.Runtime.CompilerServices;

namespace LocalDapr.Protocol.Grpc;

/// <summary>One header or trailer: text, or bytes when the key ends in <c>-bin</c>.</summary>
public readonly record struct MetadataEntry
{
    public MetadataEntry(string key, string value) => (Key, Value) = (key.ToLowerInvariant(), value);

    public MetadataEntry(string key, byte[] bytes) => (Key, Bytes) = (key.ToLowerInvariant(), bytes);

    /// <summary>Lower case.</summary>
    public string Key { get; }

    public string? Value { get; }

    public byte[]? Bytes { get; }

    public static implicit operator MetadataEntry((string Key, string Value) pair) => new(pair.Key, pair.Value);

    public static implicit operator MetadataEntry((string Key, byte[] Bytes) pair) => new(pair.Key, pair.Bytes);
}

/// <summary>Headers or trailers of a call, in order, keys repeatable. Values of <c>-bin</c> keys are base64 on the wire.</summary>
[CollectionBuilder(typeof(Metadata), nameof(Create))]
public sealed class Metadata : IReadOnlyList<MetadataEntry>
{
    private readonly List<MetadataEntry> entries = [];

    public int Count => entries.Count;

    public MetadataEntry this[int index] => entries[index];

    public static Metadata Create(ReadOnlySpan<MetadataEntry> entries)
    {
        var metadata = new Metadata();
        metadata.entries.AddRange(entries);
        return metadata;
    }

    public void Add(MetadataEntry entry) => entries.Add(entry);

    /// <exception cref="ArgumentException">The key ends in <c>-bin</c>: such values are bytes.</exception>
    public void Add(string key, string value)
    {
        if (IsBinary(key))
            throw new ArgumentException($"The value of {key} must be bytes.", nameof(key));
        entries.Add(new(key, value));
    }

    /// <exception cref="ArgumentException">The key does not end in <c>-bin</c>.</exception>
    public void Add(string key, byte[] bytes)
    {
        if (!IsBinary(key))
            throw new ArgumentException($"The value of {key} must be text.", nameof(key));
        entries.Add(new(key, bytes));
    }

    /// <summary>The first text under this key (case does not matter), or null.</summary>
    public string? Get(string key)
    {
        foreach (var entry in entries)
            if (entry.Value is not null && entry.Key.Equals(key, StringComparison.OrdinalIgnoreCase))
                return entry.Value;
        return null;
    }

    /// <summary>The first bytes under this <c>-bin</c> key, or null.</summary>
    public byte[]? GetBytes(string key)
    {
        foreach (var entry in entries)
            if (entry.Bytes is not null && entry.Key.Equals(key, StringComparison.OrdinalIgnoreCase))
                return entry.Bytes;
        return null;
    }

    public void Clear() => entries.Clear();

    public IEnumerator<MetadataEntry> GetEnumerator() => entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static bool IsBinary(string key) => key.EndsWith("-bin", StringComparison.OrdinalIgnoreCase);
}
