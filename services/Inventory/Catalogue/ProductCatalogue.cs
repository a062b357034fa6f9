using System.Collections.Immutable;

namespace Quayside.Inventory.Catalogue;

/// <summary>All products, by id. Empty until the first start has seeded them or a later one has read them.</summary>
internal sealed class ProductCatalogue
{
    private volatile ImmutableSortedDictionary<string, Product> products = ImmutableSortedDictionary.Create<string, Product>(StringComparer.Ordinal);

    public IEnumerable<Product> All => products.Values;

    public bool IsEmpty => products.IsEmpty;

    public Product? Find(string productId) => products.GetValueOrDefault(productId);

    public void Fill(IEnumerable<Product> all) => products = all.ToImmutableSortedDictionary(product => product.ProductId, product => product, StringComparer.Ordinal);
}
