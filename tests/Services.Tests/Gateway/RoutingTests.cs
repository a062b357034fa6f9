using System.Net;
using System.Net.Http.Headers;

namespace Quayside.Services.Tests.Gateway;

public sealed class RoutingTests
{
    [Theory]
    [InlineData("GET", "/api/products", "inventory-service")]
    [InlineData("GET", "/api/products/p-1?x=1", "inventory-service")]
    [InlineData("POST", "/api/auth/login", "auth-service")]
    [InlineData("POST", "/api/users", "user-service")]
    [InlineData("GET", "/api/registrations/7", "user-service")]
    public async Task Anonymous_routes_lead_to_their_app_with_the_path_unchanged(string method, string path, string app)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using var answer = await gateway.Anonymous.SendAsync(gateway.Request(new HttpMethod(method), path));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var call = Assert.Single(gateway.Sidecar.Calls);
        Assert.Equal((app, path, "api-token"), (call.Header("dapr-app-id"), call.Target, call.Header("dapr-api-token")));
    }

    [Theory]
    [InlineData("GET", "/api/users/user-1", "user-service")]
    [InlineData("GET", "/api/orders", "order-service")]
    [InlineData("DELETE", "/API/orders/7", "order-service")]
    [InlineData("GET", "/api/notifications", "notification-service")]
    [InlineData("POST", "/api/products", "inventory-service")]
    public async Task Other_routes_need_a_token(string method, string path, string app)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using var refused = await gateway.Anonymous.SendAsync(gateway.Request(new HttpMethod(method), path));
        await GatewayUnderTest.ProblemAsync(refused, HttpStatusCode.Unauthorized);
        Assert.Empty(gateway.Sidecar.Calls);

        using var answer = await gateway.User.SendAsync(gateway.Request(new HttpMethod(method), path));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(app, Assert.Single(gateway.Sidecar.Calls).Header("dapr-app-id"));
    }

    [Theory]
    [InlineData("TRACE")]
    [InlineData("OPTIONS")]
    [InlineData("PROPFIND")]
    public async Task A_method_that_no_operation_has_goes_nowhere(string method)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using var answer = await gateway.User.SendAsync(gateway.Request(new HttpMethod(method), "/api/orders"));
        await GatewayUnderTest.ProblemAsync(answer, HttpStatusCode.MethodNotAllowed);
        Assert.Empty(gateway.Sidecar.Calls);
    }

    [Theory]
    [InlineData("/api/admin/books", "workflows")]
    [InlineData("/api/admin/sagas", "workflows")]
    [InlineData("/api/admin/shards", "order-service")]
    [InlineData("/api/admin/stock", "inventory-service")]
    [InlineData("/api/admin/products/p-01", "inventory-service")]
    [InlineData("/API/Admin/Stock", "inventory-service")]
    [InlineData("/api/admin/parked/notification-service/7", "notification-service")]
    public async Task Admin_routes_need_the_role(string path, string app)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await GatewayUnderTest.ProblemAsync(await gateway.User.GetAsync(path), HttpStatusCode.Forbidden);
        Assert.Empty(gateway.Sidecar.Calls);

        using var request = gateway.Request(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Tokens.Mint(role: "admin"));
        using var answer = await gateway.Anonymous.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(app, Assert.Single(gateway.Sidecar.Calls).Header("dapr-app-id"));
    }

    [Theory]
    [InlineData("/api/admin/parked/bank/x")]
    [InlineData("/api/admin/parked/outside")]
    [InlineData("/api/admin/parked")]
    [InlineData("/api/admin")]
    [InlineData("/api/ordersx")]
    [InlineData("/api")]
    [InlineData("/internal/orders/ask")]
    [InlineData("/dapr/subscribe")]
    [InlineData("/v1.0/invoke/order-service/method/internal/orders/ask")]
    [InlineData("/.well-known/jwks.json")]
    public async Task Whatever_the_table_does_not_name_is_404_and_goes_nowhere(string path)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using var request = gateway.Request(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Tokens.Mint(role: "admin"));
        await GatewayUnderTest.ProblemAsync(await gateway.Anonymous.SendAsync(request), HttpStatusCode.NotFound);
        Assert.Empty(gateway.Sidecar.Calls);
    }

    [Theory]
    [InlineData("/api/products/../../internal/stock")]
    [InlineData("/api/products/%2e%2e/%2E%2E/internal/stock")]
    [InlineData("/api/products/..%2f..%2finternal/stock")]
    [InlineData("/api/products/%2F")]
    [InlineData("/api/products/%252e%252e%252finternal")]
    [InlineData("/api/products/%5c..%5cinternal")]
    [InlineData("/api/products/..\\internal")]
    [InlineData("/api/products//internal")]
    [InlineData("//internal/stock")]
    [InlineData("/api/products/a%3Fb")]
    [InlineData("/api/products/a%23b")]
    [InlineData("/api/products/a%00b")]
    [InlineData("/api/products/a%0d%0ab")]
    [InlineData("/api/products/;x=/internal")]
    [InlineData("http://127.0.0.1/internal/stock")]
    public async Task A_path_with_two_readings_is_400_and_goes_nowhere(string target)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var (status, _) = await gateway.SendRawAsync($"GET {target} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n");
        Assert.Equal(400, status);
        Assert.Empty(gateway.Sidecar.Calls);
    }

    [Fact]
    public async Task The_front_page_names_the_demo_login_and_a_first_command()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var page = await gateway.Anonymous.GetStringAsync("/");
        Assert.Contains("demo@quayside.test / demo-pass-1234", page, StringComparison.Ordinal);
        Assert.Contains($"curl -s {gateway.Address.GetLeftPart(UriPartial.Authority)}/api/auth/login", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cross_origin_calls_are_for_the_admin_origin_on_admin_paths_only()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        Assert.Equal("https://admin.myapp.com", await AllowedAsync("/api/admin/books", "https://admin.myapp.com"));
        Assert.Null(await AllowedAsync("/api/admin/books", "https://evil.test"));
        Assert.Null(await AllowedAsync("/api/orders", "https://admin.myapp.com"));
        Assert.Empty(gateway.Sidecar.Calls);

        async Task<string?> AllowedAsync(string path, string origin)
        {
            using var request = gateway.Request(HttpMethod.Options, path);
            request.Headers.Add("Origin", origin);
            request.Headers.Add("Access-Control-Request-Method", "GET");
            using var answer = await gateway.Anonymous.SendAsync(request);
            return answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;
        }
    }
}
