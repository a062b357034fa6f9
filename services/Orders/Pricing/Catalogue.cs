using Microsoft.Extensions.Caching.Hybrid;
using Quayside.Contracts.Inventory;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Orders.Pricing;

/// <summary>Names and prices from Inventory, cached; that a product is unknown is remembered too.</summary>
internal sealed class Catalogue(Invoker invoker, HybridCache cache)
{
    /// <returns>Null for an unknown product.</returns>
    public ValueTask<ProductPrice?> FindAsync(string productId, CancellationToken cancellationToken) => cache.GetOrCreateAsync(
        $"price:{productId}", (invoker, productId),
        static (source, token) => LoadAsync(source.invoker, source.productId, token), cancellationToken: cancellationToken);

    private static async ValueTask<ProductPrice?> LoadAsync(Invoker invoker, string productId, CancellationToken cancellationToken)
    {
        var answer = await invoker.PostAsync<PriceProducts, ProductPrices>("inventory-service", "/internal/products/prices", new([productId]), cancellationToken);
        return answer.Products.FirstOrDefault(product => product.ProductId == productId);
    }
}
