using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LocalDapr.Runtime.State;

/// <summary>JSON values as stores keep them.</summary>
internal static class StoredJson
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The value without white space, numbers as they were written; a missing one is null. <paramref name="likeGo"/>: as Dapr's SQL stores print it.</summary>
    /// <exception cref="Api.ApiException">400: a number is too large for Go.</exception>
    public static ReadOnlyMemory<byte> ToStored(this JsonElement value, bool likeGo)
    {
        if (value.ValueKind == JsonValueKind.Undefined)
            return "null"u8.ToArray();
        if (likeGo)
        {
            var text = new StringBuilder();
            AppendLikeGo(text, value);
            return Encoding.UTF8.GetBytes(text.ToString());
        }
        var buffer = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(buffer, Compact);
        value.WriteTo(writer);
        writer.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>Go's encoding/json after a round trip through generic values: members sorted, numbers as float64, &lt; &gt; &amp; U+2028 U+2029 escaped.</summary>
    private static void AppendLikeGo(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var members = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
                foreach (var member in value.EnumerateObject())
                    members[member.Name] = member.Value;
                text.Append('{');
                foreach (var (name, member) in members)
                {
                    if (text[^1] != '{')
                        text.Append(',');
                    AppendString(text, name);
                    text.Append(':');
                    AppendLikeGo(text, member);
                }
                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                var first = true;
                foreach (var item in value.EnumerateArray())
                {
                    if (!first)
                        text.Append(',');
                    first = false;
                    AppendLikeGo(text, item);
                }
                text.Append(']');
                break;
            case JsonValueKind.String:
                AppendString(text, value.GetString()!);
                break;
            case JsonValueKind.Number:
                text.Append(value.GetDouble() is var number && double.IsFinite(number) ? GoNumber(number) : throw StateItem.Malformed($"the number {value.GetRawText()} is too large"));
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static void AppendString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                < ' ' or '<' or '>' or '&' or '\u2028' or '\u2029' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }
        text.Append('"');
    }

    /// <summary>Shortest digits that read back as the same number, with an exponent below 1e-6 and from 1e21 on.</summary>
    private static string GoNumber(double number)
    {
        var shortest = number.ToString("E16", CultureInfo.InvariantCulture);
        for (var digits = 0; digits < 17; digits++)
        {
            var candidate = number.ToString("E" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            if (double.Parse(candidate, CultureInfo.InvariantCulture) == number)
            {
                shortest = candidate;
                break;
            }
        }
        var at = shortest.IndexOf('E', StringComparison.Ordinal);
        var exponent = int.Parse(shortest.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var sign = shortest[0] == '-' ? "-" : "";
        var figures = shortest[..at].Replace("-", "", StringComparison.Ordinal).Replace(".", "", StringComparison.Ordinal);
        if (number != 0 && exponent is < -6 or >= 21)
        {
            var fraction = figures.Length > 1 ? "." + figures[1..] : "";
            return $"{sign}{figures[0]}{fraction}e{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent)}";
        }
        if (exponent < 0)
            return $"{sign}0.{new string('0', -exponent - 1)}{figures}";
        return figures.Length <= exponent + 1
            ? sign + figures.PadRight(exponent + 1, '0')
            : $"{sign}{figures[..(exponent + 1)]}.{figures[(exponent + 1)..]}";
    }
}
