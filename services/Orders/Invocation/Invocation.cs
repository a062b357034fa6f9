using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Dapr.Client;
using Quayside.Orders.Customers;
using Quayside.Orders.Pricing;

namespace Quayside.Orders.Invocation;

/// <summary>Questions to other services through the sidecar.</summary>
internal static class InvocationExtensions
{
    public static IServiceCollection AddInvocation(this IServiceCollection services)
    {
        services.AddHttpClient<Catalogue>(client => client.BaseAddress = new("http://inventory-service"))
            .AddHttpMessageHandler(() => new InvocationHandler());
        services.AddHttpClient<CustomerDirectory>(client => client.BaseAddress = new("http://user-service"))
            .AddHttpMessageHandler(() => new InvocationHandler());
        return services;
    }

    /// <exception cref="HttpRequestException">The other side cannot answer now.</exception>
    public static async Task<TAnswer> AskAsync<TQuestion, TAnswer>(
        this HttpClient client, string path, TQuestion question, CancellationToken cancellationToken)
    {
        // A body without Content-Length gets no retries from Dapr.
        using var body = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(question, JsonSerializerOptions.Web));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), body, cancellationToken);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<TAnswer>(JsonSerializerOptions.Web, cancellationToken)
            ?? throw new HttpRequestException($"{path} answered nothing");
    }
}
