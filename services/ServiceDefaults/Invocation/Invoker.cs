using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Dapr.Client;
using Microsoft.Extensions.Configuration;

namespace Quayside.ServiceDefaults.Invocation;

/// <summary>Commands and queries to other apps (and to Dapr HTTPEndpoints) through the sidecar: POST with a JSON body, an answer in JSON.
/// Every status but 2xx is a technical failure and throws; refusals are results.</summary>
public sealed class Invoker(IConfiguration configuration) : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly MediaTypeHeaderValue JsonType = new("application/json");
    private readonly ConcurrentDictionary<string, Lazy<HttpClient>> clients = new();

    public async Task<TResult> PostAsync<TCommand, TResult>(string appId, string path, TCommand command, CancellationToken cancellationToken)
    {
        // Bytes, not JsonContent: a body without Content-Length gets no retry from Dapr.
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(command, Json));
        content.Headers.ContentType = JsonType;
        using var response = await ClientOf(appId).PostAsync(path, content, cancellationToken);
        return await ReadAsync<TResult>(response, cancellationToken);
    }

    public async Task<TResult> GetAsync<TResult>(string appId, string path, CancellationToken cancellationToken)
    {
        using var response = await ClientOf(appId).GetAsync(path, cancellationToken);
        return await ReadAsync<TResult>(response, cancellationToken);
    }

    public void Dispose()
    {
        foreach (var client in clients.Values.Where(client => client.IsValueCreated)) client.Value.Dispose();
    }

    private static async Task<TResult> ReadAsync<TResult>(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<TResult>(Json, cancellationToken)
            ?? throw new JsonException("The answer is null.");
    }

    private HttpClient ClientOf(string appId) => clients.GetOrAdd(appId, id => new(() => Connect(id))).Value;

    private HttpClient Connect(string appId)
    {
        var endpoint = configuration["DAPR_HTTP_ENDPOINT"] is { Length: > 0 } given
            ? given
            : $"http://127.0.0.1:{configuration["DAPR_HTTP_PORT"] ?? "3500"}";
        return DaprClient.CreateInvokeHttpClient(appId, endpoint, configuration["DAPR_API_TOKEN"]);
    }
}
