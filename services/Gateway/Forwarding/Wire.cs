using System.Net;
using System.Text;
using Quayside.ServiceDefaults.Hosting;

namespace Quayside.Gateway.Forwarding;

/// <summary>The one pooled connection to the gateway's own sidecar.</summary>
public sealed class Wire(IConfiguration configuration) : IDisposable
{
    private readonly string? token = configuration["DAPR_API_TOKEN"];

    private readonly HttpMessageInvoker invoker = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(2),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
    });

    private readonly Uri endpoint = Sidecar.Http(configuration);

    /// <summary>Sends to the app of that id; completes with the response headers.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string app, string target, CancellationToken cancellation)
    {
        request.RequestUri = new Uri(endpoint, target);
        request.Headers.TryAddWithoutValidation("dapr-app-id", app);
        if (!string.IsNullOrEmpty(token)) request.Headers.TryAddWithoutValidation("dapr-api-token", token);
        return invoker.SendAsync(request, cancellation);
    }

    public void Dispose() => invoker.Dispose();
}
