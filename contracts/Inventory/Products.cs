namespace Quayside.Contracts.Inventory;

/// <summary>POST /internal/products/prices: unknown products are left out of the answer.</summary>
public sealed record PriceProducts(IReadOnlyList<string> ProductIds);

public sealed record ProductPrices(IReadOnlyList<ProductPrice> Products);

/// <param name="Version">Grows with each change of name or price.</param>
public sealed record ProductPrice(string ProductId, string Name, Money Price, long Version = 0);

public static class ProductCache
{
    /// <summary>What every service caches a product under, so that one invalidation reaches them all.</summary>
    public static string Key(string productId) => $"product:{productId}";
}
