using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LocalDapr.Contract.Tests;

/// <summary>Bytes as something that can be compared.</summary>
internal static class Bytes
{
    private const int LongText = 20_000;
    private const int MaxDepth = 12;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <returns><c>{"$json": ...}</c>, a text, <c>{"$length", "$head"}</c> of a long one, or <c>{"$base64": ...}</c>.</returns>
    public static JsonNode OfBody(byte[] body, string? contentType)
    {
        if (body.Length == 0)
            return "";
        if (TryText(body) is not { } text)
            return Base64(body);
        if ((contentType ?? "").Contains("json", StringComparison.Ordinal) || text[0] is '{' or '[')
        {
            try
            {
                return new JsonObject { ["$json"] = Json.Parse(text) };
            }
            catch (JsonException)
            {
                // a text then
            }
        }
        return text.Length > LongText ? new JsonObject { ["$length"] = text.Length, ["$head"] = text[..64] } : text;
    }

    /// <returns>A protobuf message without its schema: <c>{"$wire": {field: [values]}}</c>; else a text or base64.</returns>
    public static JsonNode OfMessage(byte[] message) => TryFields(message, 0) is { } fields ? new JsonObject { ["$wire"] = fields } : TryPrintable(message) ?? Base64(message);

    private static JsonObject Base64(byte[] bytes) => new() { ["$base64"] = Convert.ToBase64String(bytes) };

    private static string? TryText(byte[] bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static JsonNode? TryPrintable(byte[] bytes) => TryText(bytes) is { } text && text.EnumerateRunes().All(IsPrintable) ? text : null;

    private static bool IsPrintable(Rune rune) => rune.Value is ' ' or '\r' or '\n' or '\t' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);

    private static JsonObject? TryFields(ReadOnlySpan<byte> data, int depth)
    {
        var fields = new JsonObject();
        while (data.Length > 0)
        {
            if (!TryVarint(ref data, out var key) || key >> 3 == 0 || TryValue(ref data, (int)(key & 7), depth) is not { } value)
                return null;
            var field = (key >> 3).ToString(CultureInfo.InvariantCulture);
            if (fields[field] is JsonArray values)
                values.Add(value);
            else
                fields[field] = new JsonArray(value);
        }
        return fields;
    }

    private static JsonNode? TryValue(ref ReadOnlySpan<byte> data, int kind, int depth)
    {
        switch (kind)
        {
            case 0:
                return TryVarint(ref data, out var number) ? JsonValue.Create(number) : null;
            case 1:
                return Take(ref data, 8) is { } eight ? $"f64:{Convert.ToHexStringLower(eight)}" : null;
            case 5:
                return Take(ref data, 4) is { } four ? $"f32:{Convert.ToHexStringLower(four)}" : null;
            case 2:
                return TryVarint(ref data, out var length) && length <= int.MaxValue && Take(ref data, (int)length) is { } bytes
                    ? TryPrintable(bytes) ?? (depth < MaxDepth && bytes.Length > 0 ? TryFields(bytes, depth + 1) : null) ?? Base64(bytes)
                    : null;
            default:
                return null;
        }
    }

    private static byte[]? Take(ref ReadOnlySpan<byte> data, int length)
    {
        if (length > data.Length)
            return null;
        var taken = data[..length].ToArray();
        data = data[length..];
        return taken;
    }

    private static bool TryVarint(ref ReadOnlySpan<byte> data, out ulong value)
    {
        value = 0;
        for (var (i, shift) = (0, 0); i < data.Length && shift <= 63; i++, shift += 7)
        {
            value |= (ulong)(data[i] & 127) << shift;
            if ((data[i] & 128) == 0)
            {
                data = data[(i + 1)..];
                return true;
            }
        }
        return false;
    }
}
