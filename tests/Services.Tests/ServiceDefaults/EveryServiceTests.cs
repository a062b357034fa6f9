using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Quayside.Inventory;
using Quayside.Notifications;
using Quayside.ServiceDefaults.Authentication;
using Quayside.Services.Tests.Orders;
using Quayside.Services.Tests.Participants;
using Quayside.Users;
using Quayside.Workflows;

namespace Quayside.Services.Tests.ServiceDefaults;

/// <summary>No service relies on the gateway: each of them, met directly, refuses what is no good token, and a user at the doors of admins and sidecars.</summary>
public sealed class EveryServiceTests : IAsyncLifetime
{
    private static readonly (string App, string Path)[] Own =
    [
        ("user-service", "api/users/user-1"), ("order-service", "api/orders"), ("notification-service", "api/notifications"),
    ];

    private static readonly (HttpMethod Method, string App, string Path)[] Admins =
    [
        (HttpMethod.Get, "order-service", "api/admin/shards"), (HttpMethod.Get, "order-service", "api/admin/parked/order-service"),
        (HttpMethod.Get, "notification-service", "api/admin/parked/notification-service"), (HttpMethod.Get, "inventory-service", "api/admin/stock"),
        (HttpMethod.Get, "workflows", "api/admin/sagas"), (HttpMethod.Get, "workflows", "api/admin/books"), (HttpMethod.Get, "workflows", "api/admin/parked/workflows"),
    ];

    private static readonly (string App, string Path)[] Sidecars =
    [
        ("user-service", "internal/users/profile"), ("user-service", "internal/users/create"), ("user-service", "internal/users/registration"), ("order-service", "internal/orders/ask"),
        ("order-service", "internal/orders/cancel"), ("order-service", "events/users/deleted"), ("order-service", "events/dead"),
        ("notification-service", "internal/notifications/welcome"), ("notification-service", "events/orders/notices"), ("notification-service", "events/users/deleted"),
        ("workflows", "internal/registrations"), ("workflows", "events/orders/created"), ("inventory-service", "internal/inventory/reserve"),
    ];

    private readonly HttpClient http = new();
    private House house = null!;

    public async ValueTask InitializeAsync()
    {
        house = await House.EmptyAsync();
        await house.RunAsync([], ["user-service"], (args, _) => UsersApp.Build(args, services => services.AddSingleton<IJwksSource>(house.Tokens)));
        await house.RunAsync([], ["order-service"], TestOrders.Create);
        await house.RunAsync([], ["notification-service"], NotificationsApp.Create);
        await house.RunAsync([], ["inventory-service"], InventoryApp.Create);
        await house.RunAsync([], ["workflows"], WorkflowsApp.Create);
    }

    [Fact]
    public async Task What_is_no_good_token_is_401_everywhere()
    {
        using var stranger = new TestTokens();
        var bad = new Dictionary<string, string?>
        {
            ["none"] = null,
            ["expired"] = house.Tokens.Mint(age: TimeSpan.FromMinutes(6)),
            ["not yet valid"] = house.Tokens.Mint(age: TimeSpan.FromMinutes(-1)),
            ["wrong audience"] = house.Tokens.Mint(audience: "other"),
            ["wrong issuer"] = house.Tokens.Mint(issuer: "https://elsewhere.test"),
            ["alg none"] = house.Tokens.Unsigned(),
            ["HS256 with the public key"] = house.Tokens.SignedWithPublicKey(),
            ["unknown kid"] = house.Tokens.Mint(kid: "key-9"),
            ["kid that is a path"] = house.Tokens.Mint(kid: "../../key-1"),
            ["kid that is SQL"] = house.Tokens.Mint(kid: "' OR 1=1 --"),
            ["another key"] = stranger.Mint(),
            ["tampered"] = house.Tokens.Tampered(),
        };
        foreach (var (app, path) in Own)
        {
            Assert.NotEqual(HttpStatusCode.Unauthorized, await GetAsync(app, path, house.Tokens.Mint()));
            foreach (var (how, token) in bad) Assert.True(await GetAsync(app, path, token) == HttpStatusCode.Unauthorized, $"{app} took a token that is {how}");
        }
    }

    [Fact]
    public async Task A_user_is_403_where_only_admins_go_and_nobody_401()
    {
        foreach (var (method, app, path) in Admins)
        {
            Assert.Equal((path, HttpStatusCode.Forbidden), (path, await SendAsync(method, app, path, house.Tokens.Mint(role: "user"))));
            Assert.Equal((path, HttpStatusCode.Unauthorized), (path, await SendAsync(method, app, path, null)));
            Assert.Equal((path, HttpStatusCode.Unauthorized), (path, await SendAsync(method, app, path, house.Tokens.Tampered())));
        }
    }

    [Fact]
    public async Task Past_the_sidecar_an_admins_token_is_worth_nothing()
    {
        foreach (var (method, app, path) in Admins.Concat(Sidecars.Select(one => (HttpMethod.Post, one.App, one.Path))).Append((HttpMethod.Get, "inventory-service", "api/products")))
            Assert.Equal((path, HttpStatusCode.Unauthorized), (path, await SendAsync(house.StrangersRequest(method, app, path), house.Tokens.Mint(role: "admin"))));
    }

    [Fact]
    public async Task Probes_come_from_anywhere()
    {
        using var live = await http.SendAsync(house.StrangersRequest(HttpMethod.Get, "workflows", "healthz/live"));
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await house.DisposeAsync();
    }

    private Task<HttpStatusCode> GetAsync(string app, string path, string? token) => SendAsync(HttpMethod.Get, app, path, token);

    private Task<HttpStatusCode> SendAsync(HttpMethod method, string app, string path, string? token) => SendAsync(house.Request(method, app, path), token);

    private async Task<HttpStatusCode> SendAsync(HttpRequestMessage request, string? token)
    {
        using var sent = request;
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (request.Method == HttpMethod.Post) request.Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }
}
