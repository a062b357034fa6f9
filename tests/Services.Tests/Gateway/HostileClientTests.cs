using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Quayside.Servers;

namespace Quayside.Services.Tests.Gateway;

/// <summary>Clients that smuggle, dawdle and flood: they get a 4xx, others notice nothing.</summary>
public sealed class HostileClientTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("Content-Length: 4\r\nContent-Length: 60")]
    [InlineData("Content-Length: 4, 60")]
    [InlineData("Content-Length: 60\r\nTransfer-Encoding: chunked")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 60")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity")]
    [InlineData("Transfer-Encoding: xchunked")]
    [InlineData("Transfer-Encoding : chunked")]
    [InlineData("X-Content-Length: 4\r\nContent-Length: 4")]
    public async Task A_body_with_two_readings_is_refused_and_what_hides_in_it_is_no_request(string framing)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var (status, answer) = await gateway.SendRawAsync(
            $"POST /api/auth/login HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n{framing}\r\n\r\n"
            + "0\r\n\r\nGET /api/products HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n");
        Assert.Equal(400, status);
        Assert.Single(answer.Split("HTTP/1.1 ")[1..]);
        Assert.Empty(gateway.Sidecar.Calls);
    }

    [Theory]
    [InlineData("Basic ZGFwci1hcHAtaWQ6cGF5bWVudC1zZXJ2aWNl")]
    [InlineData("basic ZGFwci1hcHAtaWQ6cGF5bWVudC1zZXJ2aWNl")]
    [InlineData("Bearer x\r\nAuthorization: Basic ZGFwci1hcHAtaWQ6cGF5bWVudC1zZXJ2aWNl")]
    [InlineData("Basic ZGFwci1hcHAtaWQ6cGF5bWVudC1zZXJ2aWNl\r\ndapr-app-id: payment-service\r\nDapr-App-Id: payment-service\r\ndapr-caller-app-id: workflows")]
    public async Task No_header_leads_to_another_app(string authorization)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var (status, _) = await gateway.SendRawAsync($"GET /api/products HTTP/1.1\r\nHost: payment-service\r\nConnection: close\r\nAuthorization: {authorization}\r\n\r\n");
        Assert.Equal(200, status);
        var call = Assert.Single(gateway.Sidecar.Calls);
        Assert.Equal(("inventory-service", null, null), (call.Header("dapr-app-id"), call.Header("Authorization"), call.Header("dapr-caller-app-id")));
    }

    [Fact]
    public async Task Headers_that_do_not_end_are_408_and_cut_off_while_others_are_answered()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(null, "--Gateway:Clients:HeadersTimeout=1");
        var slow = Enumerable.Range(0, 50).Select(_ => TellSlowlyAsync(gateway.Address.Port, "GET /api/products HTTP/1.1\r\n", "X-Slow: 1\r\n")).ToList();
        Assert.Equal(HttpStatusCode.OK, (await gateway.Anonymous.GetAsync("/api/products")).StatusCode);
        foreach (var answer in await Task.WhenAll(slow).WaitAsync(Soon))
            Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_drips_is_408_and_goes_nowhere()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(null, "--Gateway:Clients:BodyGrace=1.5");
        var answer = await TellSlowlyAsync(
            gateway.Address.Port, "POST /api/auth/login HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n", "x").WaitAsync(Soon);
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        Assert.Empty(gateway.Sidecar.Calls);
    }

    [Theory]
    [InlineData("X-Long: ", 40_000, 431)]
    [InlineData("Cookie: a=", 40_000, 431)]
    public async Task Headers_have_a_limit(string header, int length, int status)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var (answered, _) = await gateway.SendRawAsync($"GET /api/products HTTP/1.1\r\nHost: gateway\r\n{header}{new string('x', length)}\r\n\r\n");
        Assert.Equal(status, answered);
        Assert.Empty(gateway.Sidecar.Calls);
    }

    [Fact]
    public async Task A_flood_of_logins_is_slowed_for_its_client_and_nobody_else()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(null, "--Gateway:RateLimits:login:PerSecond=1", "--Gateway:RateLimits:login:Burst=20");
        var flood = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => gateway.Anonymous.SendAsync(gateway.Request(HttpMethod.Post, "/api/auth/login", "{}"))));
        Assert.InRange(gateway.Sidecar.Calls.Count(call => call.Target == "/api/auth/login"), 20, 40);
        Assert.All(flood.Where(answer => answer.StatusCode is not HttpStatusCode.OK), answer => Assert.True(answer is { StatusCode: HttpStatusCode.TooManyRequests, Headers.RetryAfter: not null }));

        Assert.Equal(HttpStatusCode.OK, (await gateway.Anonymous.GetAsync("/api/products")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await gateway.User.GetAsync("/api/orders")).StatusCode);
        using var other = Client.From(IPAddress.Parse("127.0.0.2"), gateway.Address);
        using var login = await other.SendAsync(gateway.Request(HttpMethod.Post, "/api/auth/login", "{}"));
        Assert.Equal(HttpStatusCode.OK, login.StatusCode);
        Assert.Equal("127.0.0.2", gateway.Sidecar.Calls.Last().Header("X-Client-Address"));
    }

    [Theory]
    [InlineData("too large", 9, "HTTP/1.1 413")]
    [InlineData("slow", 2, "HTTP/1.1 408")]
    [InlineData("cut off", 9, "")]
    public async Task A_streamed_body_that_its_client_spoils_does_not_count_against_the_app(string how, int tryTimeout, string expected)
    {
        const int Clients = 10;
        await using var gateway = await GatewayUnderTest.StartAsync(null, "--Gateway:Routes:5:MaxBody=1048576", $"--Gateway:TryTimeout={tryTimeout}");
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => BeginAsync()));
        for (var i = 0; i < Clients; i++) Assert.True(await gateway.Sidecar.Begun.WaitAsync(Soon));
        foreach (var answer in await Task.WhenAll(clients.Select(SpoilAsync)).WaitAsync(Soon))
            Assert.StartsWith(expected, answer, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await gateway.User.GetAsync("/api/orders")).StatusCode);
        Assert.Single(gateway.Sidecar.Calls);

        async Task<TcpClient> BeginAsync()
        {
            var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, gateway.Address.Port);
            await SendAsync(client, $"POST /api/orders HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {gateway.Tokens.Mint()}\r\nTransfer-Encoding: chunked\r\n\r\n");
            await SendAsync(client, $"{100_000:x}\r\n{new string('x', 100_000)}\r\n");
            return client;
        }

        async Task<string> SpoilAsync(TcpClient client)
        {
            using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
            if (how == "too large") await SendAsync(client, $"{1_000_000:x}\r\n{new string('x', 1_000_000)}\r\n0\r\n\r\n");
            if (how == "cut off") client.Client.Shutdown(SocketShutdown.Send);
            try
            {
                return await reader.ReadLineAsync() ?? "";
            }
            catch (IOException) when (how == "cut off")
            {
                return "";
            }
        }

        static ValueTask SendAsync(TcpClient client, string text) => client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));
    }

    [Fact]
    public async Task Connections_of_one_address_are_so_many_and_nobody_elses_business()
    {
        const int Most = 5;
        await using var gateway = await GatewayUnderTest.StartAsync(null, $"--Gateway:Clients:MaxConnectionsPerAddress={Most}");
        using var other = Client.From(IPAddress.Parse("127.0.0.2"), gateway.Address);
        for (var round = 0; round < 3; round++)
        {
            var served = await Task.WhenAll(Enumerable.Range(0, Most).Select(_ => UntilServedAsync()));
            for (var i = 0; i < 2 * Most; i++) Assert.Null(await ConnectAsync(gateway));
            Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/healthz/live")).StatusCode);
            foreach (var client in served) client.Dispose();
        }

        async Task<TcpClient> UntilServedAsync()
        {
            using var deadline = new CancellationTokenSource(Soon);
            while (true)
            {
                if (await ConnectAsync(gateway) is { } client) return client;
                await Task.Delay(20, deadline.Token);
            }
        }
    }

    [Fact]
    public async Task A_trusted_proxy_has_connections_for_all_its_clients()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(null, "--Gateway:Clients:MaxConnectionsPerAddress=1", "--Gateway:TrustedProxies:0=127.0.0.1/32");
        using var first = await ConnectAsync(gateway);
        using var second = await ConnectAsync(gateway);
        Assert.NotNull(first);
        Assert.NotNull(second);
    }

    [Fact]
    public async Task A_connection_that_asks_nothing_is_closed()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(null, "--Gateway:Clients:IdleTimeout=1");
        using var silent = new TcpClient("127.0.0.1", gateway.Address.Port);
        using var asked = await ConnectAsync(gateway);
        foreach (var client in new[] { silent, asked! }) Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Soon));
    }

    [Fact]
    public async Task Another_origin_gets_no_leave_whatever_it_asks()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        foreach (var origin in new[] { "https://evil.test", "null", "https://admin.myapp.com.evil.test", "http://admin.myapp.com", "https://admin.myapp.com:444" })
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Options, HttpMethod.Patch })
            {
                using var request = gateway.Request(method, "/api/admin/products/p-01");
                request.Headers.Add("Origin", origin);
                request.Headers.Add("Access-Control-Request-Method", "PATCH");
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Tokens.Mint(role: "admin"));
                using var answer = await gateway.Anonymous.SendAsync(request);
                Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
            }
        }
    }

    /// <returns>A connection that has been answered and stays open; null when it was closed.</returns>
    private static async Task<TcpClient?> ConnectAsync(GatewayUnderTest gateway)
    {
        var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, gateway.Address.Port);
            var stream = client.GetStream();
            await stream.WriteAsync("HEAD /healthz/live HTTP/1.1\r\nHost: gateway\r\n\r\n"u8.ToArray());
            if (await stream.ReadAsync(new byte[4096]).AsTask().WaitAsync(Soon) > 0) return client;
        }
        catch (Exception closed) when (closed is IOException or SocketException or InvalidOperationException)
        {
        }
        client.Dispose();
        return null;
    }

    /// <summary>Sends the beginning, then a little again and again until the other side answers or hangs up.</summary>
    private static async Task<string> TellSlowlyAsync(int port, string beginning, string again)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(beginning));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var answer = reader.ReadToEndAsync();
        using var drips = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            while (!answer.IsCompleted && await drips.WaitForNextTickAsync())
                await stream.WriteAsync(Encoding.ASCII.GetBytes(again));
        }
        catch (IOException)
        {
        }
        return await answer;
    }
}
