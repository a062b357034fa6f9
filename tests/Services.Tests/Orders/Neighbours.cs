using System.Net;
using System.Net.Http.Json;
using Quayside.Contracts;
using Quayside.Contracts.Inventory;
using Quayside.Contracts.Users;

namespace Quayside.Services.Tests.Orders;

/// <summary>What Orders hears from its sidecar, Inventory and Users, intercepted where its HTTP leaves the process.</summary>
internal sealed class Neighbours : HttpMessageHandler
{
    private int _calls;

    public bool Down { get; set; }

    public int Calls => _calls;

    public Dictionary<string, long> Prices { get; } = new() { ["p-1"] = 1_250, ["p-2"] = 99, ["yacht"] = 900_000_000_00 };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Down)
            throw new HttpRequestException("connection refused");
        if (request.RequestUri!.AbsolutePath.StartsWith("/v1.0/healthz", StringComparison.Ordinal))
            return new HttpResponseMessage(HttpStatusCode.NoContent);
        Interlocked.Increment(ref _calls);
        Assert.NotNull(request.Content?.Headers.ContentLength);
        object answer = request.RequestUri.AbsolutePath switch
        {
            "/v1.0/invoke/inventory-service/method/internal/products/prices" =>
                Price((await request.Content.ReadFromJsonAsync<PriceProducts>(cancellationToken))!),
            "/v1.0/invoke/user-service/method/internal/users/exists" =>
                new CheckUserResult((await request.Content.ReadFromJsonAsync<CheckUser>(cancellationToken))!.UserId != "ghost"),
            var path => throw new InvalidOperationException($"nobody answers {path}"),
        };
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = JsonContent.Create(answer) };
    }

    private ProductPrices Price(PriceProducts asked) => new(
        [.. asked.ProductIds.Where(Prices.ContainsKey).Select(id => new ProductPrice(id, $"Product {id}", Money.Euro(Prices[id])))]);
}
