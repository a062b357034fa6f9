namespace Quayside.Contracts.Inventory;

/// <summary>POST /internal/products/prices: unknown products are left out of the answer.</summary>
public sealed record PriceProducts(IReadOnlyList<string> ProductIds);

public sealed record ProductPrices(IReadOnlyList<ProductPrice> Products);

public sealed record ProductPrice(string ProductId, string Name, Money Price);
