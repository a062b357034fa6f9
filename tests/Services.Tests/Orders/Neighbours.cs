using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Quayside.Contracts;
using Quayside.Contracts.Inventory;
using Quayside.Contracts.Users;

namespace Quayside.Services.Tests.Orders;

/// <summary>What Orders hears through its sidecar from Inventory and Users.</summary>
internal sealed class Neighbours : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _calls;

    private Neighbours(WebApplication app) => _app = app;

    public bool Down { get; set; }

    public int Calls => _calls;

    public Dictionary<string, long> Prices { get; } = new() { ["p-1"] = 1_250, ["p-2"] = 99, ["yacht"] = 900_000_000_00 };

    /// <summary>Of every price.</summary>
    public long Version { get; set; } = 1;

    public string Address => _app.Urls.Single();

    public static async Task<Neighbours> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var neighbours = new Neighbours(builder.Build());
        neighbours._app.MapGet("/v1.0/healthz/outbound", () => TypedResults.NoContent());
        var invoked = neighbours._app.MapGroup("/v1.0/invoke").AddEndpointFilter(async (context, next) =>
        {
            if (neighbours.Down)
                return TypedResults.StatusCode((int)HttpStatusCode.InternalServerError);
            Interlocked.Increment(ref neighbours._calls);
            Assert.NotNull(context.HttpContext.Request.ContentLength);
            return await next(context);
        });
        invoked.MapPost("/inventory-service/method/internal/products/prices", (PriceProducts asked) => neighbours.Price(asked));
        invoked.MapPost("/user-service/method/internal/users/exists", (CheckUser asked) => new CheckUserResult(asked.UserId != "ghost"));
        await neighbours._app.StartAsync();
        return neighbours;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private ProductPrices Price(PriceProducts asked) => new(
        [.. asked.ProductIds.Where(Prices.ContainsKey).Select(id => new ProductPrice(id, $"Product {id}", Money.Euro(Prices[id]), Version))]);
}
