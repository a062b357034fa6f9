using System.Text.Json;

namespace Quayside.Caching;

/// <summary>A value in the second level. Null is a value; an invalidation is an entry without one, so that it outlives what it removed.</summary>
/// <param name="At">When it was loaded, or invalidated: UTC ticks.</param>
internal sealed record SharedEntry<T>(long At, string[] Tags, bool HasValue, T? Value)
{
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web);

    /// <returns>Null for bytes of another shape: an older version of the service wrote them.</returns>
    public static SharedEntry<T>? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return json.IsEmpty ? null : JsonSerializer.Deserialize<SharedEntry<T>>(json.Span, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
