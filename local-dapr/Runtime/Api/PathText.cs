using System.Text;

namespace LocalDapr.Runtime.Api;

/// <summary>Query-style unescaping of path captures, as Dapr does it: <c>+</c> is a space, a broken escape is an error.</summary>
public static class PathText
{
    public static bool TryUnescape(string text, out string result)
    {
        if (text.AsSpan().IndexOfAny('%', '+') < 0)
        {
            result = text;
            return true;
        }
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%')
            {
                if (i + 2 >= text.Length || !byte.TryParse(text.AsSpan(i + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out bytes[length]))
                {
                    result = "";
                    return false;
                }
                length++;
                i += 2;
            }
            else
            {
                length += Encoding.UTF8.GetBytes(text[i] == '+' ? " " : text[i].ToString(), bytes.AsSpan(length));
            }
        }
        result = Encoding.UTF8.GetString(bytes, 0, length);
        return true;
    }
}
