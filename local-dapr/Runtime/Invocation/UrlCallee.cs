using System.Net;
using LocalDapr.Runtime.Resiliency;

namespace LocalDapr.Runtime.Invocation;

/// <summary>An HTTPEndpoint, or an absolute URL. Its own headers replace those of the client; no caller ids are sent.</summary>
internal sealed class UrlCallee(string name, string address, IReadOnlyDictionary<string, string> headers, HttpMessageInvoker invoker, Policies policies) : Callee
{
    public override Policy PolicyFor(string path) => policies.ForEndpoint(name);

    public override Task<HttpResponseMessage> SendAsync(HttpExchange exchange, CancellationToken cancellation) =>
        SendAsync(exchange.CreateRequest(address, HttpVersion.Version11, withIds: false), cancellation);

    public override async Task<ServiceAnswer> InvokeAsync(ServiceCall call, CancellationToken cancellation)
    {
        using var response = await SendAsync(call.CreateRequest(address, HttpVersion.Version11, withIds: false), cancellation);
        return await ServiceAnswer.ReadAsync(response, cancellation);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using (request)
        {
            foreach (var (header, value) in headers)
            {
                request.Headers.Remove(header);
                request.Headers.TryAddWithoutValidation(header, value);
            }
            return await invoker.SendAsync(request, cancellation);
        }
    }
}
