using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.Contracts.Inventory;
using Quayside.Inventory.Stock;

namespace Quayside.Inventory.Catalogue;

internal static class ProductEndpoints
{
    private const int MaxPage = 100;

    public static void MapProducts(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/products", ListAsync).AllowAnonymous();
        app.MapGet("/api/products/{productId}", FindAsync).AllowAnonymous();
        app.MapPost("/internal/products/prices", Price).RequireAuthorization("Dapr");
    }

    private static async Task<Results<Ok<ProductPage<ProductView>>, ValidationProblem>> ListAsync(
        ProductCatalogue catalogue, Warehouse warehouse, CancellationToken cancellationToken, string? cursor = null, int limit = MaxPage)
    {
        if (limit is < 1 or > MaxPage) return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["limit"] = [$"must be from 1 to {MaxPage}"] });
        var found = catalogue.All.Where(product => cursor is null || string.CompareOrdinal(product.ProductId, cursor) > 0).Take(limit + 1).ToList();
        var views = await Task.WhenAll(found.Take(limit).Select(product => ViewAsync(product, warehouse, cancellationToken)));
        return TypedResults.Ok(new ProductPage<ProductView>(views, found.Count > limit ? views[^1].ProductId : null));
    }

    private static async Task<Results<Ok<ProductView>, NotFound>> FindAsync(
        string productId, ProductCatalogue catalogue, Warehouse warehouse, CancellationToken cancellationToken) =>
        catalogue.Find(productId) is { } product ? TypedResults.Ok(await ViewAsync(product, warehouse, cancellationToken)) : TypedResults.NotFound();

    private static ProductPrices Price(PriceProducts query, ProductCatalogue catalogue) =>
        new([.. query.ProductIds.Distinct().Select(catalogue.Find).OfType<Product>().Select(product => new ProductPrice(product.ProductId, product.Name, product.Price))]);

    private static async Task<ProductView> ViewAsync(Product product, Warehouse warehouse, CancellationToken cancellationToken)
    {
        var stock = await warehouse.PeekAsync(product.ProductId, cancellationToken);
        return new(product.ProductId, product.Name, product.Price, stock.OnHand);
    }
}
