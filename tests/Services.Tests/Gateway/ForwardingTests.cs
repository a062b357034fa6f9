using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Quayside.Services.Tests.Gateway;

public sealed class ForwardingTests
{
    [Fact]
    public async Task Headers_that_choose_the_app_or_claim_an_identity_do_not_cross()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var (status, _) = await gateway.SendRawAsync(
            "GET /api/products HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n"
            + "dapr-app-id: order-service\r\nDAPR-CALLER-APP-ID: workflows\r\ndapr-callee-app-id: x\r\ndapr-api-token: guess\r\n"
            + "Authorization: Basic ZGFwci1hcHAtaWQ6b3JkZXItc2VydmljZQ==\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Host: evil\r\n"
            + "Forwarded: for=1.2.3.4\r\nX-Client-Address: 1.2.3.4\r\nTE: trailers\r\nProxy-Authorization: Basic x\r\nKeep-Alive: 5\r\n"
            + "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nX-Custom: kept\r\nAccept-Language: de\r\n\r\n");

        Assert.Equal(200, status);
        var call = Assert.Single(gateway.Sidecar.Calls);
        Assert.Equal(("inventory-service", "api-token", "127.0.0.1"), (call.Header("dapr-app-id"), call.Header("dapr-api-token"), call.Header("X-Client-Address")));
        Assert.Equal(("kept", "de"), (call.Header("X-Custom"), call.Header("Accept-Language")));
        foreach (var dropped in new[] { "dapr-caller-app-id", "dapr-callee-app-id", "Authorization", "X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "TE", "Proxy-Authorization", "Keep-Alive", "Connection" })
            Assert.True(call.Header(dropped) is null, dropped);
        Assert.Matches("^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-0[01]$", call.Header("traceparent"));
    }

    [Fact]
    public async Task What_the_Connection_header_names_ends_at_the_gateway()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using var request = gateway.Request(HttpMethod.Get, "/api/products");
        request.Headers.Connection.Add("X-Named");
        request.Headers.Add("X-Named", "1");
        await gateway.Anonymous.SendAsync(request);
        Assert.Null(Assert.Single(gateway.Sidecar.Calls).Header("X-Named"));
    }

    [Fact]
    public async Task Text_beyond_ASCII_crosses_in_headers_and_opens_no_breaker()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Sidecar.Script = FakeSidecar.Status(200, ("X-City", "Łódź"), ("X-Latin1", "é"));
        for (var i = 0; i < 10; i++)
        {
            var (status, answer) = await gateway.SendRawAsync("GET /api/products HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nX-Name: é\r\nCookie: name=Zoë\r\n\r\n");
            Assert.Equal(200, status);
            Assert.Contains("X-City: Łódź\r\n", answer, StringComparison.Ordinal);
        }

        Assert.Equal(10, gateway.Sidecar.Calls.Count);
        Assert.All(gateway.Sidecar.Calls, call => Assert.Equal(("é", "name=Zoë"), (call.Header("X-Name"), call.Header("Cookie"))));
    }

    [Fact]
    public async Task A_bearer_token_crosses()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await gateway.User.GetAsync("/api/orders");
        Assert.StartsWith("Bearer ey", Assert.Single(gateway.Sidecar.Calls).Header("Authorization"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_request_has_a_correlation_id_that_comes_back()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using var made = await gateway.Anonymous.GetAsync("/api/products");
        using var request = gateway.Request(HttpMethod.Get, "/api/products");
        request.Headers.Add("X-Correlation-Id", "mine-1");
        using var given = await gateway.Anonymous.SendAsync(request);

        var calls = gateway.Sidecar.Calls.ToArray();
        Assert.Equal(calls[0].Header("X-Correlation-Id"), made.Headers.GetValues("X-Correlation-Id").Single());
        Assert.Equal(("mine-1", "mine-1"), (calls[1].Header("X-Correlation-Id"), given.Headers.GetValues("X-Correlation-Id").Single()));
    }

    [Fact]
    public async Task A_registration_without_a_key_gets_one_that_stays_the_same_over_retries()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Sidecar.Script = (context, call) => FakeSidecar.Status(gateway.Sidecar.Calls.Count < 3 ? 502 : 202)(context, call);
        using var answer = await gateway.Anonymous.SendAsync(gateway.Request(HttpMethod.Post, "/api/users", "{}"));
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(3, gateway.Sidecar.Calls.Count);
        Assert.True(Guid.TryParse(Assert.Single(gateway.Sidecar.Calls.Select(c => c.Header("Idempotency-Key")).Distinct()), out _));
    }

    [Fact]
    public async Task A_key_that_was_given_is_kept()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using var request = gateway.Request(HttpMethod.Post, "/api/users", "{}");
        request.Headers.Add("Idempotency-Key", "k-1");
        await gateway.Anonymous.SendAsync(request);
        Assert.Equal("k-1", Assert.Single(gateway.Sidecar.Calls).Header("Idempotency-Key"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_small_body_arrives_with_its_length_even_if_it_came_in_chunks(bool chunked)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using var request = gateway.Request(HttpMethod.Post, "/api/orders", """{"a":1}""");
        request.Headers.TransferEncodingChunked = chunked;
        await gateway.User.SendAsync(request);
        var call = Assert.Single(gateway.Sidecar.Calls);
        Assert.Equal(("7", """{"a":1}""", "application/json; charset=utf-8"), (call.Header("Content-Length"), call.Body, call.Header("Content-Type")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ten_megabytes_are_413_and_go_nowhere(bool chunked)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/orders") { Content = new ByteArrayContent(new byte[10_000_000]) };
        request.Headers.TransferEncodingChunked = chunked;
        await GatewayUnderTest.ProblemAsync(await gateway.User.SendAsync(request), HttpStatusCode.RequestEntityTooLarge);
        Assert.Empty(gateway.Sidecar.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_a_route_allows_more_a_large_body_streams_through_and_is_sent_once(bool chunked)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(null, "--Gateway:Routes:5:MaxBody=1048576");
        gateway.Sidecar.Script = FakeSidecar.Status(502);
        var text = new string('x', 1_000_000);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/orders") { Content = new ByteArrayContent(Encoding.ASCII.GetBytes(text)) };
        request.Headers.TransferEncodingChunked = chunked;
        await GatewayUnderTest.ProblemAsync(await gateway.User.SendAsync(request), HttpStatusCode.BadGateway);
        Assert.Equal(text, Assert.Single(gateway.Sidecar.Calls).Body);

        using var larger = new HttpRequestMessage(HttpMethod.Post, "/api/orders") { Content = new ByteArrayContent(new byte[1_100_000]) };
        larger.Headers.TransferEncodingChunked = chunked;
        await GatewayUnderTest.ProblemAsync(await gateway.User.SendAsync(larger), HttpStatusCode.RequestEntityTooLarge);
        Assert.Single(gateway.Sidecar.Calls);
    }

    [Fact]
    public async Task An_answer_streams_through_as_it_is_written()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var more = new TaskCompletionSource();
        gateway.Sidecar.Script = async (context, _) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("first");
            await context.Response.Body.FlushAsync();
            await more.Task;
            await context.Response.WriteAsync("second");
        };
        using var answer = await gateway.User.GetAsync("/api/orders", HttpCompletionOption.ResponseHeadersRead);
        var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[5];
        await body.ReadExactlyAsync(buffer);
        Assert.Equal("first", Encoding.ASCII.GetString(buffer));
        more.SetResult();
        using var rest = new StreamReader(body);
        Assert.Equal("second", await rest.ReadToEndAsync());
    }

    [Fact]
    public async Task Half_an_answer_does_not_look_like_a_whole_one()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Sidecar.Script = async (context, _) =>
        {
            await context.Response.WriteAsync("first");
            await context.Response.Body.FlushAsync();
            context.Abort();
        };
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => gateway.User.GetStringAsync("/api/orders"));
    }

    [Fact]
    public async Task An_answer_keeps_its_headers_but_not_those_of_the_way_and_gets_the_security_headers()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Sidecar.Script = FakeSidecar.Status(202, ("Location", "/api/orders/7"), ("ETag", "\"3\""), ("dapr-x", "1"), ("Access-Control-Allow-Origin", "*"));
        using var answer = await gateway.User.GetAsync("/api/orders");
        Assert.Equal(("/api/orders/7", "\"3\""), (answer.Headers.Location?.ToString(), answer.Headers.ETag?.Tag));
        Assert.False(answer.Headers.Contains("dapr-x"));
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task An_error_that_is_no_problem_details_becomes_one_and_its_text_stays_inside()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(null, "--Gateway:Retries=0");
        gateway.Sidecar.Script = FakeSidecar.NotDeliveredAsync;
        var problem = await GatewayUnderTest.ProblemAsync(await gateway.User.GetAsync("/api/orders"), HttpStatusCode.BadGateway);
        Assert.DoesNotContain("10.0.0.7", problem.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_clients_bucket_runs_dry_and_no_others()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(null, "--Gateway:RateLimits:user:PerSecond=1", "--Gateway:RateLimits:user:Burst=3");
        for (var i = 0; i < 3; i++) Assert.Equal(HttpStatusCode.OK, (await gateway.User.GetAsync("/api/orders")).StatusCode);
        using var refused = await gateway.User.GetAsync("/api/orders");
        await GatewayUnderTest.ProblemAsync(refused, HttpStatusCode.TooManyRequests);
        Assert.True(refused.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));

        using var other = gateway.Request(HttpMethod.Get, "/api/orders");
        other.Headers.Authorization = new("Bearer", gateway.Tokens.Mint("user-2"));
        Assert.Equal(HttpStatusCode.OK, (await gateway.Anonymous.SendAsync(other)).StatusCode);
    }
}
