using System.Text;

namespace LocalDapr.Runtime.Invocation;

/// <summary>Whom a request is for: app id, HTTPEndpoint name or absolute URL, and the escaped path behind it.</summary>
internal readonly record struct InvokeAddress(string Target, string Path)
{
    private const string Header = "dapr-app-id";
    private const string Prefix = "/v1.0/invoke/";
    private const string Separator = "/method";

    /// <summary>Looks at the header dapr-app-id (which is taken away), Basic auth with that user, the URL, in this order. Null when none names a target.</summary>
    public static InvokeAddress? Read(HttpRequest request, string rawPath)
    {
        if (request.Headers[Header].ToString() is { Length: > 0 } id)
        {
            request.Headers.Remove(Header);
            return new(id, rawPath);
        }
        if (FromBasic(request.Headers.Authorization.ToString()) is { } user)
            return new(user, rawPath);
        return FromPath(rawPath);
    }

    private static InvokeAddress? FromPath(string rawPath)
    {
        if (!rawPath.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        var rest = rawPath.AsSpan(Prefix.Length);
        var isUrl = rest.StartsWith("http:/", StringComparison.OrdinalIgnoreCase) || rest.StartsWith("https:/", StringComparison.OrdinalIgnoreCase);
        var end = isUrl ? rest.IndexOf(Separator + "/") : rest.IndexOf('/');
        if (end <= 0 || !rest[end..].StartsWith(Separator))
            return null;
        var path = rest[(end + Separator.Length)..];
        if (path is not ([] or ['/', ..]))
            return null;
        return new(Uri.UnescapeDataString(rest[..end].ToString()), path.IsEmpty ? "/" : path.ToString());
    }

    private static string? FromBasic(string authorization)
    {
        if (!authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
            return null;
        var bytes = new byte[authorization.Length];
        if (!Convert.TryFromBase64String(authorization["Basic ".Length..].Trim(), bytes, out var length))
            return null;
        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        return pair.StartsWith(Header + ":", StringComparison.Ordinal) && pair.Length > Header.Length + 1 ? pair[(Header.Length + 1)..] : null;
    }
}
