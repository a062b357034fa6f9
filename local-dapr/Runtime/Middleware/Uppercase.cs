using System.Text;
using LocalDapr.Runtime.Api;

namespace LocalDapr.Runtime.Middleware;

/// <summary>middleware.http.uppercase: the body of the request in upper case.</summary>
internal static class Uppercase
{
    public static async Task<bool> HandleAsync(HttpContext http)
    {
        var body = Apply(await http.ReadBodyAsync());
        http.Request.Body = new MemoryStream(body);
        if (http.Request.ContentLength is not null)
            http.Request.ContentLength = body.Length;
        return true;
    }

    public static byte[] Apply(byte[] body) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body).ToUpperInvariant());
}
