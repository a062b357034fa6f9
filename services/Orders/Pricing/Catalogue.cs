using Microsoft.Extensions.Caching.Hybrid;
using Quayside.Contracts.Inventory;
using Quayside.Orders.Invocation;

namespace Quayside.Orders.Pricing;

/// <summary>Names and prices from Inventory, cached; that a product is unknown is remembered too.</summary>
internal sealed class Catalogue(HttpClient inventory, HybridCache cache)
{
    /// <returns>Null for an unknown product.</returns>
    public ValueTask<ProductPrice?> FindAsync(string productId, CancellationToken cancellationToken) => cache.GetOrCreateAsync(
        $"price:{productId}", (inventory, productId),
        static (source, token) => LoadAsync(source.inventory, source.productId, token), cancellationToken: cancellationToken);

    private static async ValueTask<ProductPrice?> LoadAsync(HttpClient inventory, string productId, CancellationToken cancellationToken)
    {
        var answer = await inventory.AskAsync<PriceProducts, ProductPrices>("/internal/products/prices", new([productId]), cancellationToken);
        return answer.Products.FirstOrDefault(product => product.ProductId == productId);
    }
}
