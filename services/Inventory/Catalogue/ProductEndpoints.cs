using Microsoft.AspNetCore.Http.HttpResults;
using Quayside.Contracts.Inventory;
using Quayside.Inventory.Stock;
using Quayside.ServiceDefaults.Versions;

namespace Quayside.Inventory.Catalogue;

internal static class ProductEndpoints
{
    private const int MaxPage = 100;

    public static void MapProducts(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/products", ListAsync).AllowAnonymous();
        app.MapGet("/api/products/{productId}", FindAsync).AllowAnonymous();
        app.MapPost("/internal/products/prices", PriceAsync).RequireAuthorization("Dapr");
    }

    private static async Task<Results<Ok<ProductPage<ProductView>>, ValidationProblem>> ListAsync(
        ProductCatalogue catalogue, Warehouse warehouse, CancellationToken cancellationToken, string? cursor = null, int limit = MaxPage)
    {
        if (limit is < 1 or > MaxPage) return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["limit"] = [$"must be from 1 to {MaxPage}"] });
        var ids = catalogue.Ids.Where(id => cursor is null || string.CompareOrdinal(id, cursor) > 0).Take(limit + 1).ToList();
        var views = await Task.WhenAll(ids.Take(limit).Select(async id => await catalogue.FindAsync(id, cancellationToken) is { } product
            ? await ViewAsync(product, warehouse, cancellationToken)
            : throw new InvalidDataException($"The document of product {id} is gone.")));
        return TypedResults.Ok(new ProductPage<ProductView>(views, ids.Count > limit ? ids[limit - 1] : null));
    }

    private static async Task<Results<Ok<ProductView>, NotFound>> FindAsync(
        string productId, ProductCatalogue catalogue, Warehouse warehouse, HttpResponse response, CancellationToken cancellationToken)
    {
        if (await catalogue.FindAsync(productId, cancellationToken) is not { } product) return TypedResults.NotFound();
        response.Headers.ETag = VersionTag.Of(product.Version);
        return TypedResults.Ok(await ViewAsync(product, warehouse, cancellationToken));
    }

    /// <summary>From the documents themselves: who asks has a cache of his own, and behind a second one he could not hear of a change in time.</summary>
    private static async Task<ProductPrices> PriceAsync(PriceProducts query, ProductCatalogue catalogue, CancellationToken cancellationToken)
    {
        await catalogue.OpenedAsync(cancellationToken);
        var products = await Task.WhenAll(query.ProductIds.Distinct().Where(catalogue.Has).Select(id => catalogue.ReadAsync(id, cancellationToken)));
        return new([.. products.OfType<Product>().Select(product => new ProductPrice(product.ProductId, product.Name, product.Price, product.Version))]);
    }

    internal static async Task<ProductView> ViewAsync(Product product, Warehouse warehouse, CancellationToken cancellationToken)
    {
        var stock = await warehouse.PeekAsync(product.ProductId, cancellationToken);
        return new(product.ProductId, product.Name, product.Price, stock.OnHand);
    }
}
