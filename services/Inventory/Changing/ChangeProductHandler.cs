using Quayside.Caching;
using Quayside.Contracts.Inventory;
using Quayside.Inventory.Catalogue;

namespace Quayside.Inventory.Changing;

/// <summary>How a change ended.</summary>
internal abstract record ProductChanging
{
    public sealed record Done(Product Product) : ProductChanging;

    public sealed record Unknown : ProductChanging;

    public sealed record Invalid(Dictionary<string, string[]> Problems) : ProductChanging;

    /// <summary>The condition does not hold for this version.</summary>
    public sealed record Outdated(long Version) : ProductChanging;

    /// <summary>The admin asked for another change under this key.</summary>
    public sealed record KeyReused : ProductChanging;
}

/// <summary>Changes the document by compare-and-set, then tells every replica that has it in memory.</summary>
internal sealed class ChangeProductHandler(ProductCatalogue catalogue, ICacheInvalidation invalidation, TimeProvider time)
{
    /// <param name="productId">Which product.</param>
    /// <param name="asked">The change.</param>
    /// <param name="isCondition">Whether the change may be made on this version.</param>
    /// <param name="by">User id of the admin.</param>
    /// <param name="key">The same for each repetition: a change happens once, and the answer is that of the first time.</param>
    /// <param name="cancellationToken">Counts until the write.</param>
    public async Task<ProductChanging> HandleAsync(
        string productId, ChangeProduct asked, Func<long, bool> isCondition, string by, string key, CancellationToken cancellationToken)
    {
        if (!catalogue.Has(productId)) return new ProductChanging.Unknown();
        cancellationToken.ThrowIfCancellationRequested();
        var outcome = await catalogue.ChangeAsync(productId, document => Decide(document, asked, isCondition, by, key), CancellationToken.None);

        // A repetition tells again: the first time may have ended before that.
        if (outcome is ProductChanging.Done { Product: var product })
            await invalidation.InvalidateAsync(ProductCache.Key(productId), product.Version);
        return outcome;
    }

    private (ProductDocument? Next, ProductChanging Outcome) Decide(ProductDocument? document, ChangeProduct asked, Func<long, bool> isCondition, string by, string key)
    {
        if (document is null) return (null, new ProductChanging.Unknown());
        if (document.FindChange(by, key) is { } earlier)
            return (document, earlier.Asked == asked ? new ProductChanging.Done(earlier.Result) : new ProductChanging.KeyReused());
        if (asked.Check(document.ToProduct()) is { Count: > 0 } problems) return (document, new ProductChanging.Invalid(problems));
        if (!isCondition(document.Version)) return (document, new ProductChanging.Outdated(document.Version));
        var next = document.Apply(asked, by, key, time.GetUtcNow());
        return (next, new ProductChanging.Done(next.ToProduct()));
    }
}
