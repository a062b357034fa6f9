using Microsoft.Extensions.Caching.Hybrid;
using Quayside.Contracts.Inventory;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Orders.Pricing;

/// <summary>Names and prices from Inventory, cached; that a product is unknown is remembered too.</summary>
internal sealed class Catalogue(Invoker invoker, HybridCache cache)
{
    // An invalidation reaches whoever is up, and the second level only through a replica that heard it: while all were down a price may change unheard.
    private static readonly HybridCacheEntryOptions Options = new() { Expiration = TimeSpan.FromMinutes(5) };

    /// <returns>Null for an unknown product.</returns>
    public ValueTask<PricedProduct?> FindAsync(string productId, CancellationToken cancellationToken) => cache.GetOrCreateAsync(
        ProductCache.Key(productId), (invoker, productId),
        static (source, token) => LoadAsync(source.invoker, source.productId, token), Options, cancellationToken: cancellationToken);

    private static async ValueTask<PricedProduct?> LoadAsync(Invoker invoker, string productId, CancellationToken cancellationToken)
    {
        var answer = await invoker.PostAsync<PriceProducts, ProductPrices>("inventory-service", "/internal/products/prices", new([productId]), cancellationToken);
        return answer.Products.FirstOrDefault(product => product.ProductId == productId) is { } product
            ? new(product.ProductId, product.Name, product.Price, product.Version)
            : null;
    }
}
