using System.Collections.Frozen;
using System.Net.Http.Headers;
using Microsoft.Extensions.Primitives;
using Quayside.Gateway.Limits;
using Quayside.ServiceDefaults.Clients;
using Quayside.ServiceDefaults.Logging;
using Quayside.ServiceDefaults.Problems;

namespace Quayside.Gateway.Forwarding;

/// <summary>Which headers cross the gateway.</summary>
internal static class HeaderRules
{
    private static readonly FrozenSet<string> HopByHop = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade");

    // Made new on the way: addressing, framing, the trace context of the gateway's own span, who the client is.
    private static readonly FrozenSet<string> MadeHere = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "Host", "Content-Length", "Expect", "Authorization", "Forwarded", "X-Original-For", "traceparent", "tracestate", "baggage", "Request-Id",
        "Correlation-Context", ClientKey.AddressHeader, CorrelationId.Header, IdempotencyKey.Header);

    private static readonly FrozenSet<string> KeptBack = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "Server", "traceparent", "tracestate", CorrelationId.Header);

    public static void CopyRequest(HttpContext context, HttpRequestMessage request)
    {
        var named = Named(context.Request.Headers.Connection);
        foreach (var (name, values) in context.Request.Headers)
        {
            if (!Crosses(name, named) || MadeHere.Contains(name) || name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)) continue;
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        // Only Bearer: the sidecar reads an app id out of Basic credentials.
        if (context.Request.Headers.Authorization is [{ } bearer] && bearer.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            request.Headers.TryAddWithoutValidation("Authorization", bearer);
        request.Headers.TryAddWithoutValidation(ClientKey.AddressHeader, ClientAddress.Of(context));
    }

    public static void CopyResponse(HttpResponseMessage response, HttpContext context)
    {
        var named = Named(response.Headers.TryGetValues("Connection", out var values) ? values.ToArray() : default);
        Copy(response.Headers);
        Copy(response.Content.Headers);

        void Copy(HttpHeaders headers)
        {
            foreach (var (name, value) in headers.NonValidated)
            {
                if (!Crosses(name, named) || KeptBack.Contains(name) || name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase)) continue;
                context.Response.Headers[name] = value.Count == 1 ? value.ToString() : value.ToArray();
            }
        }
    }

    /// <summary>The caller's id if it is plain, else a new one; it goes to the app and back to the caller.</summary>
    public static string Correlate(HttpContext context) =>
        context.Request.Headers[CorrelationId.Header] is [{ Length: > 0 and <= CorrelationId.MaxLength } given] && given.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? given
            : Guid.CreateVersion7().ToString("N");

    private static bool Crosses(string name, string[] named) =>
        !HopByHop.Contains(name)
        && !name.StartsWith("dapr-", StringComparison.OrdinalIgnoreCase)
        && !name.StartsWith(':')
        && !named.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static string[] Named(StringValues connection) => connection.Count == 0
        ? []
        : connection.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
