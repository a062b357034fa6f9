using System.Text.Json;
using LocalDapr.Protocol.Grpc;

namespace Dapr.Client;

/// <summary>Invocation and health, which go over HTTP.</summary>
internal sealed partial class DaprClientGrpc
{
    public override HttpClient CreateInvokableHttpClient(string? appId = null) => CreateInvokeHttpClient(appId, httpEndpoint.AbsoluteUri, apiToken);

    public override HttpRequestMessage CreateInvokeMethodRequest(HttpMethod httpMethod, string appId, string methodName) =>
        CreateInvokeMethodRequest(httpMethod, appId, methodName, []);

    public override HttpRequestMessage CreateInvokeMethodRequest(HttpMethod httpMethod, string appId, string methodName, IReadOnlyCollection<KeyValuePair<string, string>> queryStringParameters)
    {
        ArgumentNullException.ThrowIfNull(httpMethod);
        ArgumentException.ThrowIfNullOrEmpty(appId);
        ArgumentNullException.ThrowIfNull(methodName);
        var uri = new UriBuilder(new Uri(httpEndpoint, $"/v1.0/invoke/{appId}/method/{methodName.TrimStart('/')}"));
        var query = string.Join('&', queryStringParameters?.Select(p => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value)}") ?? []);
        if (query.Length > 0)
            uri.Query = uri.Query.Length > 1 ? $"{uri.Query}&{query}" : query;
        return ToSidecar(httpMethod, uri.Uri);
    }

    public override HttpRequestMessage CreateInvokeMethodRequest<TRequest>(HttpMethod httpMethod, string appId, string methodName, IReadOnlyCollection<KeyValuePair<string, string>> queryStringParameters, TRequest data)
    {
        var request = CreateInvokeMethodRequest(httpMethod, appId, methodName, queryStringParameters);
        // With its length known a body can be sent again by the sidecar's retries.
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(data, json)) { Headers = { ContentType = JsonUtf8 } };
        return request;
    }

    public override Task<bool> CheckHealthAsync(CancellationToken cancellationToken = default) => IsHealthyAsync("/v1.0/healthz", cancellationToken);

    public override Task<bool> CheckOutboundHealthAsync(CancellationToken cancellationToken = default) => IsHealthyAsync("/v1.0/healthz/outbound", cancellationToken);

    public override async Task WaitForSidecarAsync(CancellationToken cancellationToken = default)
    {
        while (!await CheckOutboundHealthAsync(cancellationToken))
            await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken);
    }

    /// <exception cref="RpcException">Not wrapped, as in Dapr's own client.</exception>
    public override Task ShutdownSidecarAsync(CancellationToken cancellationToken = default) =>
        channel.UnaryAsync(DaprMethods.Shutdown, new(), Options(cancellationToken));

    private async Task<bool> IsHealthyAsync(string path, CancellationToken cancellationToken)
    {
        using var request = ToSidecar(HttpMethod.Get, new(httpEndpoint, path));
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
