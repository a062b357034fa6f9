using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Quayside.House.Tests;

/// <summary>Somebody on the same machine knocks at the doors behind the gateway.</summary>
public sealed partial class HostileInputTests
{
    /// <summary>An operation of each app that only its sidecar may ask for.</summary>
    private static readonly Dictionary<string, string> Internal = new()
    {
        ["auth-service"] = "/internal/credentials", ["user-service"] = "/internal/users/exists", ["order-service"] = "/internal/orders/ask",
        ["inventory-service"] = "/internal/inventory/reserve", ["payment-service"] = "/internal/payments/charge", ["shipping-service"] = "/internal/shipments/create",
        ["notification-service"] = "/internal/notifications/welcome", ["workflows"] = "/internal/registrations",
    };

    /// <summary>As gRPC numbers it.</summary>
    private const string Unauthenticated = "16";

    private static readonly Dictionary<string, string[]> Public = new()
    {
        ["auth-service"] = ["/.well-known/jwks.json"], ["user-service"] = ["/api/users/any", "/api/registrations/6f0e6b7e-3b0a-4f3e-9a52-0d6ab7b5c001"], ["order-service"] = ["/api/orders", "/api/orders/any", "/api/orders/any/stream", "/api/admin/shards"],
        ["inventory-service"] = ["/api/products", "/api/admin/stock"], ["notification-service"] = ["/api/notifications", "/api/admin/parked/notification-service"],
        ["workflows"] = ["/api/admin/sagas", "/api/admin/books", "/api/admin/parked/workflows"],
    };

    [Fact]
    public async Task An_apps_own_port_lets_nobody_in_without_the_token_it_asks_for()
    {
        using var http = new HttpClient();
        (string? DaprToken, string? Bearer)[] strangers = [(null, null), ("guess", null), ("", null)];
        (string? DaprToken, string? Bearer)[] toInternal = [.. strangers, (null, await house.Admin.TokenAsync())];
        (string? DaprToken, string? Bearer)[] toPublic = [.. strangers, (null, "e30.e30.e30")];
        foreach (var app in Ports().Where(app => Internal.ContainsKey(app.AppId)))
        {
            var address = $"http://127.0.0.1:{app.AppPort}";
            foreach (var (daprToken, bearer) in toInternal)
                Assert.Equal((app.AppId, HttpStatusCode.Unauthorized), (app.AppId, await AskAsync(http, HttpMethod.Post, address + Internal[app.AppId], daprToken, bearer)));
            foreach (var path in Public.GetValueOrDefault(app.AppId) ?? [])
            {
                foreach (var (daprToken, bearer) in path.StartsWith("/api/admin", StringComparison.Ordinal) ? toPublic : [.. toPublic, (null, await house.Demo.TokenAsync())])
                    Assert.Equal((path, HttpStatusCode.Unauthorized), (path, await AskAsync(http, HttpMethod.Get, address + path, daprToken, bearer)));
                if (path.StartsWith("/api/admin", StringComparison.Ordinal))
                    Assert.Equal((path, HttpStatusCode.Forbidden), (path, await AskAsync(http, HttpMethod.Get, address + path, null, await house.Demo.TokenAsync())));
            }
        }
    }

    [Fact]
    public async Task A_sidecars_ports_let_nobody_in_without_the_token_of_this_run()
    {
        using var http = new HttpClient();
        foreach (var app in Ports())
        {
            foreach (var token in new[] { null, "guess", "" })
            {
                foreach (var (method, path) in new[]
                {
                    (HttpMethod.Post, "/v1.0/invoke/payment-service/method/internal/payments/charge"), (HttpMethod.Post, "/v1.0/publish/pubsub/orders"),
                    (HttpMethod.Get, "/v1.0/state/payments-store/any"), (HttpMethod.Get, "/v1.0/secrets/secretstore/any"), (HttpMethod.Get, "/v1.0/metadata"),
                    (HttpMethod.Post, "/v1.0-beta1/workflows/dapr/OrderSaga/start"),
                })
                    Assert.Equal((path, HttpStatusCode.Unauthorized), (path, await AskAsync(http, method, $"http://127.0.0.1:{app.HttpPort}{path}", token, null)));
                using var call = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{app.GrpcPort}/dapr.proto.runtime.v1.Dapr/GetMetadata") { Content = new ByteArrayContent(new byte[5]) };
                call.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
                if (token is not null)
                    call.Headers.Add("dapr-api-token", token);
                (call.Version, call.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
                using var answer = await http.SendAsync(call);
                var headers = answer.Headers.Concat(answer.TrailingHeaders).ToDictionary(header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase);
                Assert.True(headers.GetValueOrDefault("grpc-status") == Unauthenticated, $"{app.AppId}: {answer.StatusCode} {string.Join(' ', headers)}");
            }
        }
    }

    [Theory]
    [InlineData("/internal/orders/ask")]
    [InlineData("/INTERNAL/orders/ask")]
    [InlineData("//internal/orders/ask")]
    [InlineData("/./internal/orders/ask")]
    [InlineData("/api/../internal/orders/ask")]
    [InlineData("/api/orders/../../internal/orders/ask")]
    [InlineData("/api/orders/%2e%2e/%2e%2e/internal/orders/ask")]
    [InlineData("/api/orders/..%2f..%2finternal/orders/ask")]
    [InlineData("/api/orders/%252e%252e/%252e%252e/internal/orders/ask")]
    [InlineData("/api/orders/..%5c..%5cinternal/orders/ask")]
    [InlineData("/api/orders/..;/..;/internal/orders/ask")]
    [InlineData("/api/orders/%c0%ae%c0%ae/%c0%ae%c0%ae/internal/orders/ask")]
    [InlineData("/api/orders%2f..%2f..%2finternal/orders/ask")]
    [InlineData("/api/orders/x%00/../../internal/orders/ask")]
    [InlineData("http://order-service/internal/orders/ask")]
    [InlineData("/v1.0/invoke/order-service/method/internal/orders/ask")]
    [InlineData("/api/orders/v1.0/invoke/order-service/method/internal/orders/ask")]
    [InlineData("/events/orders/created")]
    [InlineData("/dapr/subscribe")]
    public async Task No_spelling_of_a_path_leads_past_the_gateway(string target)
    {
        var orderId = await house.Demo.PlaceAsync(Shopper.Basket((await house.Demo.ProductsAsync())[0]));
        var body = $$"""{"orderId":"{{orderId}}"}""";
        var answer = await SendRawAsync(
            $"POST {target} HTTP/1.1\r\nHost: order-service\r\nConnection: close\r\nAuthorization: Bearer {await house.Admin.TokenAsync()}\r\n"
            + "dapr-app-id: order-service\r\ndapr-api-token: guess\r\ndapr-caller-app-id: workflows\r\nIdempotency-Key: 1\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        Assert.Matches("^HTTP/1.1 (400|404|405) ", answer);
        Assert.DoesNotContain("mayStart", answer, StringComparison.Ordinal);
    }

    private async Task<string> SendRawAsync(string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, house.House.GatewayPort);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }

    private static async Task<HttpStatusCode> AskAsync(HttpClient http, HttpMethod method, string address, string? daprToken, string? bearer)
    {
        using var request = new HttpRequestMessage(method, address);
        if (daprToken is not null)
            request.Headers.Add("dapr-api-token", daprToken);
        if (bearer is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        if (method == HttpMethod.Post)
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    private IEnumerable<(string AppId, int AppPort, int HttpPort, int GrpcPort)> Ports()
    {
        var state = JsonElement.Parse(File.ReadAllBytes(Path.Combine(house.House.DataFolder, "run.json")));
        return state.GetProperty("apps").EnumerateArray().Select(app => (
            app.GetProperty("appId").GetString()!, app.GetProperty("appPort").GetInt32(), app.GetProperty("httpPort").GetInt32(), app.GetProperty("grpcPort").GetInt32()));
    }
}
