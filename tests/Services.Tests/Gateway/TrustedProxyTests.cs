using System.Net;
using Quayside.Gateway;
using Quayside.Servers;

namespace Quayside.Services.Tests.Gateway;

/// <summary>Whose word counts about where a client is.</summary>
public sealed class TrustedProxyTests
{
    private const string Trusted = "--Gateway:TrustedProxies:0=127.0.0.0/31";

    [Theory]
    [InlineData("127.0.0.1", "203.0.113.7", "203.0.113.7")]
    [InlineData("127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7")]
    [InlineData("127.0.0.1", "198.51.100.1, 203.0.113.7, 127.0.0.1, 127.0.0.0", "203.0.113.7")]
    [InlineData("127.0.0.1", "127.0.0.1, 203.0.113.7", "203.0.113.7")]
    [InlineData("127.0.0.1", "2001:db8::7", "2001:db8::7")]
    [InlineData("127.0.0.1", "198.51.100.1, nonsense", "127.0.0.1")]
    [InlineData("127.0.0.1", null, "127.0.0.1")]
    [InlineData("127.0.0.2", "203.0.113.7", "127.0.0.2")]
    [InlineData("127.0.0.2", "203.0.113.7, 127.0.0.1", "127.0.0.2")]
    public async Task The_last_hop_before_the_trusted_ones_is_the_client(string connection, string? forwarded, string expected)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(null, Trusted);
        Assert.Equal(expected, await AddressOfAsync(gateway, connection, forwarded));
        foreach (var name in new[] { "X-Forwarded-For", "X-Original-For" }) Assert.Null(gateway.Sidecar.Calls.Single().Header(name));
    }

    [Fact]
    public async Task Nobody_is_believed_unless_the_operator_says_so()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        Assert.Equal("127.0.0.1", await AddressOfAsync(gateway, "127.0.0.1", "203.0.113.7"));
    }

    [Fact]
    public async Task Clients_behind_a_trusted_proxy_have_a_bucket_each()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(null, Trusted, "--Gateway:RateLimits:login:PerSecond=1", "--Gateway:RateLimits:login:Burst=3");
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => LoginAsync("203.0.113.7")));
        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        Assert.Equal(HttpStatusCode.OK, await LoginAsync("203.0.113.8"));

        async Task<HttpStatusCode> LoginAsync(string forwarded)
        {
            using var request = gateway.Request(HttpMethod.Post, "/api/auth/login", "{}");
            request.Headers.Add("X-Forwarded-For", forwarded);
            using var answer = await gateway.Anonymous.SendAsync(request);
            return answer.StatusCode;
        }
    }

    [Theory]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0")]
    [InlineData("the proxy")]
    public void What_is_no_network_fails_the_start(string entry)
    {
        var failure = Assert.Throws<InvalidOperationException>(() => GatewayApp.Build([$"--Gateway:TrustedProxies:0={entry}"]));
        Assert.Equal($"Gateway:TrustedProxies: {entry} is no network such as 10.0.0.0/8.", failure.Message);
    }

    private static async Task<string?> AddressOfAsync(GatewayUnderTest gateway, string connection, string? forwarded)
    {
        using var client = Client.From(IPAddress.Parse(connection), gateway.Address);
        using var request = gateway.Request(HttpMethod.Get, "/api/products");
        if (forwarded is not null) request.Headers.Add("X-Forwarded-For", forwarded);
        Assert.Equal(HttpStatusCode.OK, (await client.SendAsync(request)).StatusCode);
        return gateway.Sidecar.Calls.Single().Header("X-Client-Address");
    }
}
