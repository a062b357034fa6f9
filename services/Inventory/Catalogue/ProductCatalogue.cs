using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Dapr.Client;
using Microsoft.Extensions.Caching.Hybrid;
using Quayside.Contracts.Inventory;
using Quayside.ServiceDefaults.Documents;

namespace Quayside.Inventory.Catalogue;

/// <summary>The products: their ids here, each a document of the state store, read from memory for up to 30 s. Empty until the first start has seeded them or a later one has seen them.</summary>
internal sealed class ProductCatalogue(DaprClient dapr, HybridCache cache)
{
    // A second level would be as far away as the document itself.
    private static readonly HybridCacheEntryOptions MemoryOnly = new() { Flags = HybridCacheEntryFlags.DisableDistributedCache };

    private readonly ConcurrentDictionary<string, SharedDocument<ProductDocument>> documents = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ImmutableSortedSet<string> ids = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Ids => ids;

    public bool IsEmpty => ids.IsEmpty;

    public void Open(IEnumerable<string> all)
    {
        ids = all.ToImmutableSortedSet(StringComparer.Ordinal);
        opened.TrySetResult();
    }

    /// <summary>Before that an id that is not there proves nothing.</summary>
    public Task OpenedAsync(CancellationToken cancellationToken) => opened.Task.WaitAsync(cancellationToken);

    public bool Has(string productId) => ids.Contains(productId);

    /// <summary>As it was at most 30 s ago; after an invalidation that this replica has heard, as it is.</summary>
    public ValueTask<Product?> FindAsync(string productId, CancellationToken cancellationToken) => Has(productId)
        ? cache.GetOrCreateAsync(
            ProductCache.Key(productId), (catalogue: this, productId),
            static async (of, token) => await of.catalogue.ReadAsync(of.productId, token), MemoryOnly, cancellationToken: cancellationToken)
        : ValueTask.FromResult<Product?>(null);

    /// <summary>As it is. For ids of the catalogue only: each leaves something in memory.</summary>
    public async Task<Product?> ReadAsync(string productId, CancellationToken cancellationToken) =>
        (await DocumentOf(productId).ReadAsync(cancellationToken))?.ToProduct();

    /// <inheritdoc cref="SharedDocument{T}.ChangeAsync"/>
    public Task<TAnswer> ChangeAsync<TAnswer>(string productId, Func<ProductDocument?, (ProductDocument? Next, TAnswer Answer)> change, CancellationToken cancellationToken) =>
        DocumentOf(productId).ChangeAsync(change, cancellationToken);

    private SharedDocument<ProductDocument> DocumentOf(string productId) => documents.GetOrAdd(
        productId, id => new(dapr, InventoryApp.Store, $"product-{id}", JsonSerializerOptions.Web));
}
