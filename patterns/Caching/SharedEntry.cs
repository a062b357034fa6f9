using System.Buffers;
using System.Text.Json;

namespace Quayside.Caching;

/// <summary>
/// Bytes of the second level: a header in JSON, and for a value a line feed and the value in JSON. A header without a value is the marker of an invalidation, so that it outlives
/// what it removed. Null is a value like any other.
/// </summary>
/// <param name="Format">Of the bytes; another one is not there for us.</param>
/// <param name="Shape">Names the fields of the value's type, see <see cref="Shape{T}"/>.</param>
/// <param name="Id">See <see cref="Caching.Stamp"/>.</param>
internal sealed record SharedEntry(int Format, string? Shape, long Version, long At, string[]? Tags, string? Id = null)
{
    private const int Current = 2;
    private const byte LineFeed = (byte)'\n';

    public Stamp Stamp => new(Version, At, Id);

    public bool IsMarker => Shape is null;

    public static byte[] Marker(Stamp stamp) => JsonSerializer.SerializeToUtf8Bytes(new SharedEntry(Current, null, stamp.Version, stamp.At, null, stamp.Id), JsonSerializerOptions.Web);

    public static byte[] Value<T>(T value, Stamp stamp, string[] tags)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer);
        JsonSerializer.Serialize(writer, new SharedEntry(Current, Shape<T>.Id, stamp.Version, stamp.At, tags.Length == 0 ? null : tags), JsonSerializerOptions.Web);
        buffer.Write([LineFeed]);
        writer.Reset();
        JsonSerializer.Serialize(writer, value, JsonSerializerOptions.Web);
        return buffer.WrittenSpan.ToArray();
    }

    /// <returns>Null for bytes of another format or of none.</returns>
    public static SharedEntry? Parse(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf(LineFeed);
        try
        {
            var header = JsonSerializer.Deserialize<SharedEntry>(end < 0 ? bytes : bytes[..end], JsonSerializerOptions.Web);
            return header is { Format: Current, Version: >= 0, At: > 0 } && header.IsMarker == end < 0 && header.Tags?.Contains(null) != true ? header : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <returns>False if another shape of the type wrote the value, or nobody who could write.</returns>
    public bool TryRead<T>(ReadOnlySpan<byte> bytes, out T value)
    {
        value = default!;
        if (Shape != Shape<T>.Id)
            return false;
        try
        {
            value = JsonSerializer.Deserialize<T>(bytes[(bytes.IndexOf(LineFeed) + 1)..], JsonSerializerOptions.Web)!;
            return true;
        }
#pragma warning disable CA1031 // converters and constructors throw what they like
        catch (Exception)
#pragma warning restore CA1031
        {
            return false;
        }
    }
}
