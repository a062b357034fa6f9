namespace LocalDapr.Runtime.Hosting;

/// <summary>--allowed-origins: a comma list, or <c>*</c>. Answers preflights itself; an origin that is not listed gets no headers.</summary>
internal sealed class Cors
{
    private readonly bool any;
    private readonly HashSet<string> origins;

    private Cors(string[] listed)
    {
        any = listed.Contains("*");
        origins = new HashSet<string>(listed, StringComparer.OrdinalIgnoreCase);
    }

    public static Cors? Create(string? allowed) =>
        string.IsNullOrWhiteSpace(allowed) ? null : new Cors(allowed.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    /// <summary>True when the call was a preflight and is answered.</summary>
    public bool Handle(HttpContext http)
    {
        var request = http.Request.Headers;
        var response = http.Response.Headers;
        var origin = request.Origin.ToString();
        var method = request.AccessControlRequestMethod;
        var isPreflight = HttpMethods.IsOptions(http.Request.Method) && method.Count > 0;
        response.Append("Vary", isPreflight ? "Origin, Access-Control-Request-Method, Access-Control-Request-Headers" : "Origin");
        if (origin.Length > 0 && (any || origins.Contains(origin)))
        {
            response.AccessControlAllowOrigin = any ? "*" : origin;
            if (isPreflight)
            {
                response.AccessControlAllowMethods = method;
                if (request.AccessControlRequestHeaders is { Count: > 0 } headers)
                    response.AccessControlAllowHeaders = headers;
            }
        }
        if (isPreflight)
            http.Response.StatusCode = StatusCodes.Status204NoContent;
        return isPreflight;
    }
}
