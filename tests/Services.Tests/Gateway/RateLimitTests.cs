using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Quayside.Gateway;
using Quayside.Gateway.Limits;
using Quayside.Servers;

namespace Quayside.Services.Tests.Gateway;

/// <summary>Whose bucket a request is taken from.</summary>
public sealed class RateLimitTests
{
    [Theory]
    [InlineData("POST", "/api/auth/login", "login")]
    [InlineData("POST", "/api/auth/refresh", "anonymous")]
    [InlineData("GET", "/api/registrations/7", "anonymous")]
    public async Task An_address_has_one_bucket_whoever_logs_in_from_it(string method, string path, string bucket)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(null, $"--Gateway:RateLimits:{bucket}:PerSecond=1", $"--Gateway:RateLimits:{bucket}:Burst=3");
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => AskAsync(gateway.Anonymous, $"user-{i}")));
        Assert.InRange(answers.Count(status => status == HttpStatusCode.OK), 3, 25);
        Assert.All(answers, status => Assert.True(status is HttpStatusCode.OK or HttpStatusCode.TooManyRequests));
        using var other = Client.From(IPAddress.Parse("127.0.0.2"), gateway.Address);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(other, "user-0"));

        async Task<HttpStatusCode> AskAsync(HttpClient client, string user)
        {
            using var request = gateway.Request(new HttpMethod(method), path, method == "POST" ? "{}" : null);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Tokens.Mint(user));
            using var answer = await client.SendAsync(request);
            return answer.StatusCode;
        }
    }

    [Theory]
    [InlineData("/api/orders", "forged", HttpStatusCode.Unauthorized)]
    [InlineData("/api/admin/books", "forged", HttpStatusCode.Unauthorized)]
    [InlineData("/api/admin/books", null, HttpStatusCode.Forbidden)]
    public async Task Whoever_may_not_come_in_knocks_as_often_as_a_stranger_may(string path, string? forged, HttpStatusCode refusal)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(null, "--Gateway:RateLimits:anonymous:PerSecond=1", "--Gateway:RateLimits:anonymous:Burst=3");
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => KnockAsync(gateway.Anonymous)));
        Assert.InRange(answers.Count(status => status == refusal), 3, 25);
        Assert.All(answers, status => Assert.True(status == refusal || status == HttpStatusCode.TooManyRequests));
        Assert.Empty(gateway.Sidecar.Calls);

        Assert.Equal(HttpStatusCode.OK, (await gateway.User.GetAsync("/api/orders")).StatusCode);
        using var other = Client.From(IPAddress.Parse("127.0.0.2"), gateway.Address);
        Assert.Equal(refusal, await KnockAsync(other));

        async Task<HttpStatusCode> KnockAsync(HttpClient client)
        {
            using var request = gateway.Request(HttpMethod.Get, path);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", forged ?? gateway.Tokens.Mint());
            using var answer = await client.SendAsync(request);
            return answer.StatusCode;
        }
    }

    [Theory]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("10.0.0.1", "::ffff:10.0.0.1", true)]
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    public void A_network_of_IPv6_is_one_client(string one, string another, bool same)
    {
        using var limits = new RateLimits(new GatewayOptions { RateLimits = new() { ["login"] = new() { PerSecond = 1, Burst = 1 } } });
        Assert.Null(Refuse(one));
        Assert.Equal(same, Refuse(another) is not null);

        TimeSpan? Refuse(string address) => limits.Refuse(
            new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(address) } },
            "login");
    }
}
