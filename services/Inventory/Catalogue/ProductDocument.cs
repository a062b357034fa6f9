using System.Collections.Immutable;
using Quayside.Inventory.Changing;

namespace Quayside.Inventory.Catalogue;

/// <summary>A product in the state store, with its last changes, the oldest first.</summary>
internal sealed record ProductDocument(string ProductId, string Name, Contracts.Money Price, long Version = 1, ImmutableList<ProductChange>? Changes = null)
{
    private const int MaxChanges = 20;

    public static ProductDocument Of(Product product) => new(product.ProductId, product.Name, product.Price, product.Version);

    public Product ToProduct() => new(ProductId, Name, Price, Version);

    public ProductChange? FindChange(string by, string key) => Changes?.Find(change => change.By == by && change.Key == key);

    public ProductDocument Apply(ChangeProduct asked, string by, string key, DateTimeOffset at)
    {
        var next = this with { Name = asked.Name?.Trim() ?? Name, Price = asked.Price ?? Price, Version = Version + 1 };
        var changes = (Changes ?? []).Add(new(by, key, at, asked, next.ToProduct()));
        return next with { Changes = changes.Count > MaxChanges ? changes.RemoveAt(0) : changes };
    }
}

/// <summary>The audit trail, and the answer to a repetition under the same key.</summary>
/// <param name="By">User id of the admin.</param>
internal sealed record ProductChange(string By, string Key, DateTimeOffset At, ChangeProduct Asked, Product Result);
