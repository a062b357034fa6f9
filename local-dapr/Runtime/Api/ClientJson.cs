using System.Text.Json;
using System.Text.Unicode;

namespace LocalDapr.Runtime.Api;

/// <summary>
/// JSON that clients sent. The readers of .NET look into a text only when it is asked for, and then throw what nobody expects: here bytes that are no
/// UTF-8 and halves of surrogate pairs make a document unreadable from the start.
/// </summary>
internal static class ClientJson
{
    public const int DefaultDepth = 64;

    /// <exception cref="JsonException">No JSON, nested too deep, or a text in it is not Unicode.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json, int maxDepth = DefaultDepth, bool allowDuplicates = true)
    {
        var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = maxDepth, AllowDuplicateProperties = allowDuplicates });
        if (IsUnicode(json.Span, maxDepth))
            return document;
        document.Dispose();
        throw new JsonException("a text in it is not Unicode");
    }

    /// <summary>Whether all texts of a JSON value can be read.</summary>
    /// <exception cref="JsonException">No JSON.</exception>
    public static bool IsUnicode(ReadOnlySpan<byte> json, int maxDepth)
    {
        if (!Utf8.IsValid(json))
            return false;
        if (json.IndexOf("\\u"u8) < 0)
            return true;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped && !IsUnicode(reader))
                return false;
        }
        return true;
    }

    private static bool IsUnicode(in Utf8JsonReader text)
    {
        try
        {
            text.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
