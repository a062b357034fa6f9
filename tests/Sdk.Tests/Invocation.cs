using System.Net.Http.Json;
using Dapr.Client;
using Microsoft.AspNetCore.Http;

namespace LocalDapr.Sdk.Tests;

public class Invocation
{
    private sealed record Seen(string Method, string Path, string Query, string? Token, long? Length, string? ContentType, string Body, string? UserAgent);

    private static async Task<(FakeSidecar Sidecar, List<Seen> Calls)> SidecarAsync()
    {
        var calls = new List<Seen>();
        return (await FakeSidecar.StartAsync(http: async context =>
        {
            var request = context.Request;
            var body = await new StreamReader(request.Body).ReadToEndAsync();
            calls.Add(new(request.Method, context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget.Split('?')[0], request.QueryString.Value!, request.Headers["dapr-api-token"], request.ContentLength, request.ContentType, body, request.Headers.UserAgent));
            context.Response.StatusCode = 418;
        }), calls);
    }

    [Fact]
    public async Task A_client_for_an_app_sends_through_the_sidecar_with_the_length_of_json_bodies()
    {
        var (sidecar, calls) = await SidecarAsync();
        await using var _ = sidecar;
        using var dapr = sidecar.Builder().UseDaprApiToken("tok").Build();
        using var client = dapr.CreateInvokableHttpClient("order-service");

        using var response = await client.PostAsJsonAsync("/internal/x%2Fy?a=1", new { b = 2 }, TestContext.Current.CancellationToken);

        Assert.Equal(418, (int)response.StatusCode);
        var call = Assert.Single(calls);
        Assert.Equal(("POST", "/v1.0/invoke/order-service/method/internal/x%2Fy", "?a=1", "tok", 7L, """{"b":2}"""), (call.Method, call.Path, call.Query, call.Token, call.Length, call.Body));
        Assert.Contains("dapr-sdk-dotnet", call.UserAgent, StringComparison.Ordinal);
        Assert.Equal("http://order-service/internal/x%2Fy?a=1", response.RequestMessage!.RequestUri!.AbsoluteUri);
        Assert.False(response.RequestMessage.Headers.Contains("dapr-api-token"));
    }

    [Fact]
    public async Task The_static_client_takes_only_the_token_it_is_given_and_keeps_the_casing_of_its_app()
    {
        var (sidecar, calls) = await SidecarAsync();
        await using var _ = sidecar;
        using var plain = DaprClient.CreateInvokeHttpClient("Orders", sidecar.HttpEndpoint);
        using var other = DaprClient.CreateInvokeHttpClient(daprEndpoint: sidecar.HttpEndpoint, daprApiToken: "given");

        using var one = await plain.GetAsync("a", TestContext.Current.CancellationToken);
        using var two = await other.GetAsync(new Uri("http://Users/b"), TestContext.Current.CancellationToken);

        Assert.Equal([("/v1.0/invoke/Orders/method/a", null), ("/v1.0/invoke/users/method/b", "given")], calls.Select(c => (c.Path, c.Token)));
    }

    [Theory, InlineData("ftp://orders/x"), InlineData("file:///x")]
    public async Task Only_http_addresses_can_be_invoked(string uri)
    {
        using var client = DaprClient.CreateInvokeHttpClient();

        await Assert.ThrowsAnyAsync<Exception>(() => client.GetAsync(new Uri(uri), TestContext.Current.CancellationToken));
        Assert.False(new InvocationHandler().TryRewriteUri(new(uri), out var rewritten));
    }

    [Fact]
    public void An_app_id_that_is_no_host_name_is_refused() =>
        Assert.Throws<ArgumentException>(() => DaprClient.CreateInvokeHttpClient("a b/c"));

    [Fact]
    public async Task A_request_message_carries_path_query_token_and_body()
    {
        using var client = new DaprClientBuilder().UseHttpEndpoint("http://h:3500").UseDaprApiToken("tok").Build();

        using var request = client.CreateInvokeMethodRequest(HttpMethod.Put, "orders", "/a/b", [new("q", "x y"), new("r", "&")], new { C = 1 });

        Assert.Equal("http://h:3500/v1.0/invoke/orders/method/a/b?q=x%20y&r=%26", request.RequestUri!.AbsoluteUri);
        Assert.Equal((HttpMethod.Put, "tok", "application/json; charset=utf-8", 7L), (request.Method, request.Headers.GetValues("dapr-api-token").Single(), request.Content!.Headers.ContentType!.ToString(), request.Content.Headers.ContentLength));
        Assert.Equal("""{"c":1}""", await request.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        using var post = client.CreateInvokeMethodRequest("orders", "m");
        Assert.Equal(HttpMethod.Post, post.Method);
    }
}
