using System.Diagnostics.CodeAnalysis;
using Quayside.Contracts;
using Quayside.Inventory.Catalogue;

namespace Quayside.Inventory.Changing;

/// <summary>Only the fields that were sent; at least one.</summary>
internal sealed record ChangeProduct
{
    private const int MaxName = 200;

    /// <summary>Minor units; orders take totals up to 1,000,000,000,000.</summary>
    private const long MaxPrice = 1_000_000_000;

    [DisallowNull]
    public string? Name { get; set; }

    [DisallowNull]
    public Money? Price { get; set; }

    /// <returns>Field to complaints; empty if all is well.</returns>
    public Dictionary<string, string[]> Check(Product product)
    {
        Dictionary<string, string[]> problems = [];
        if (Name is null && Price is null)
            problems["$"] = ["must change name or price"];
        if (Name is not null && (string.IsNullOrWhiteSpace(Name) || Name.Length > MaxName || Name.Any(char.IsControl)))
            problems["name"] = [$"must be 1 to {MaxName} printable characters"];
        if (Price is { Amount: < 1 or > MaxPrice })
            problems["price.amount"] = [$"must be 1 to {MaxPrice} minor units"];
        // the lines of an order add up only in one currency
        if (Price is not null && Price.Currency != product.Price.Currency)
            problems["price.currency"] = [$"must be {product.Price.Currency}, as it is"];
        return problems;
    }
}
