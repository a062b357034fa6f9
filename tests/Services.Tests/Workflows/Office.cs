using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Quayside.Contracts;
using Quayside.Contracts.Inventory;
using Quayside.Contracts.Users;
using Quayside.Services.Tests.Orders;
using Quayside.Services.Tests.Participants;
using Quayside.Workflows;

namespace Quayside.Services.Tests.Workflows;

/// <summary>The workflows app beside Orders, and nobody who runs the sagas.</summary>
internal sealed class Office : IAsyncDisposable
{
    public const string App = "workflows";

    private Office(House house) => House = house;

    public House House { get; }

    public static async Task<Office> OpenAsync(params string[] settings)
    {
        var house = await House.EmptyAsync();
        await house.RunAsync([], ["inventory-service", "user-service"], (args, _) =>
        {
            var app = WebApplication.CreateSlimBuilder(args).Build();
            app.MapPost("/internal/products/prices", (PriceProducts asked) =>
                new ProductPrices([.. asked.ProductIds.Select(id => new ProductPrice(id, id, Money.Euro(1_00)))]));
            app.MapPost("/internal/users/exists", (CheckUser _) => new CheckUserResult(true));
            return app;
        });
        await house.RunAsync(["--Orders:ApprovalLimit=1000"], ["order-service"], TestOrders.Create);
        await house.RunAsync(settings, [App], WorkflowsApp.Create);
        return new Office(house);
    }

    /// <summary>Over 10 pieces it waits for an approval.</summary>
    public async Task<string> PlaceAsync(int pieces = 11)
    {
        var body = new
        {
            items = new[] { new { productId = "p-1", quantity = pieces } },
            payment = new { token = "tok_ok" },
            shipTo = new { name = "Ada", street = "Quay 1", city = "Berlin", postcode = "10115", country = "DE" },
        };
        using var answer = await House.SendAsync(HttpMethod.Post, "order-service", "api/orders", "ada", key: Guid.NewGuid().ToString(), body: body);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return (await JsonAsync(answer))["orderId"]!.GetValue<string>();
    }

    /// <summary>What the admin route answers: status and body.</summary>
    public async Task<(HttpStatusCode Status, JsonNode Body)> DecideAsync(
        string orderId, string action, string? key, string by = "root", string role = "admin", object? body = null)
    {
        using var answer = await House.SendAsync(HttpMethod.Post, App, $"api/admin/sagas/{orderId}/{action}", by, role, key, body);
        return (answer.StatusCode, await JsonAsync(answer));
    }

    public async Task<(HttpStatusCode Status, JsonNode Body)> GetAsync(string path)
    {
        using var answer = await House.SendAsync(HttpMethod.Get, App, path, "root", "admin");
        return (answer.StatusCode, await JsonAsync(answer));
    }

    public async Task<JsonArray> HistoryAsync(string orderId)
    {
        using var answer = await House.SendAsync(HttpMethod.Get, "order-service", $"api/orders/{orderId}/events", "ada");
        return (await JsonAsync(answer))["items"]!.AsArray();
    }

    public ValueTask DisposeAsync() => House.DisposeAsync();

    private static async Task<JsonNode> JsonAsync(HttpResponseMessage answer) =>
        await answer.Content.ReadAsStringAsync() is { Length: > 0 } text ? JsonNode.Parse(text)! : new JsonObject();
}
