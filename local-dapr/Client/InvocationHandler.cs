using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Json;

namespace Dapr.Client;

/// <summary>
/// Sends requests to <c>http://app-id/path</c> through the sidecar, as <c>/v1.0/invoke/app-id/method/path</c> (Dapr 1.18).
/// JSON bodies are buffered: a body of unknown length gets no retries from the sidecar.
/// </summary>
public class InvocationHandler : DelegatingHandler
{
    private const string TokenHeader = "dapr-api-token";

    private Uri endpoint = new(DaprDefaults.GetDefaultHttpEndpoint());

    /// <exception cref="UriFormatException">Not an absolute URI.</exception>
    public string DaprEndpoint
    {
        get => endpoint.OriginalString;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            endpoint = new(value, UriKind.Absolute);
        }
    }

    /// <summary>Keeps the casing of an app id, which host names do not have.</summary>
    public string? DefaultAppId { get; set; }

    internal string? DaprApiToken { get; set; } = DaprDefaults.GetDefaultDaprApiToken(null);

    /// <exception cref="ArgumentException">The request's URI is not an absolute http or https one.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var original = request.RequestUri;
        if (!TryRewriteUri(original, out var rewritten))
            throw new ArgumentException($"The request URI '{original}' is not a valid Dapr service invocation destination.", nameof(request));
        if (request.Content is JsonContent)
            await request.Content.LoadIntoBufferAsync(cancellationToken);
        var token = string.IsNullOrWhiteSpace(DaprApiToken) ? null : DaprApiToken;
        try
        {
            request.RequestUri = rewritten;
            if (token is not null)
                request.Headers.Add(TokenHeader, token);
            return await base.SendAsync(request, cancellationToken);
        }
        finally
        {
            request.RequestUri = original;
            if (token is not null)
                request.Headers.Remove(TokenHeader);
        }
    }

    internal bool TryRewriteUri(Uri? uri, [NotNullWhen(true)] out Uri? rewritten)
    {
        rewritten = null;
        if (uri is not { IsAbsoluteUri: true } || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
            return false;
        var appId = string.Equals(uri.Host, DefaultAppId, StringComparison.OrdinalIgnoreCase) ? DefaultAppId : uri.Host;
        rewritten = new UriBuilder(endpoint.Scheme, endpoint.Host, endpoint.Port)
        {
            Path = $"/v1.0/invoke/{appId}/method" + uri.AbsolutePath,
            Query = uri.Query,
        }.Uri;
        return true;
    }
}
