using System.Text;

namespace LocalDapr.Runtime.Invocation;

/// <summary>The connections of this process to the world outside: HTTPEndpoints, absolute URLs, sidecars of other processes.</summary>
internal sealed class OutsideHttp : IAsyncDisposable
{
    public HttpMessageInvoker Invoker { get; } = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        EnableMultipleHttp2Connections = true,
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        // Addresses behind a name may change.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    });

    public ValueTask DisposeAsync()
    {
        Invoker.Dispose();
        return ValueTask.CompletedTask;
    }
}
