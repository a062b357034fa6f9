using System.Collections.Concurrent;
using System.Text.Json;
using Dapr.Client;
using Quayside.ServiceDefaults.Documents;

namespace Quayside.Inventory.Stock;

/// <summary>One stock document a product, apart from the product's name and price. Commands that wait for one product share a write.</summary>
internal sealed class Warehouse(DaprClient dapr, TimeProvider time)
{
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(1);
    private static readonly StockDocument Nothing = StockDocument.Of(0);
    private readonly ConcurrentDictionary<string, SharedDocument<StockDocument>> documents = new();
    private readonly ConcurrentDictionary<string, (StockDocument Stock, long At)> seen = new();

    /// <summary>False when the stock is short or the product unknown. A failure leaves the outcome unknown; send the command again.</summary>
    public Task<bool> ApplyAsync(string productId, StockCommand command, CancellationToken cancellationToken) =>
        DocumentOf(productId).ChangeAsync(
            stock =>
            {
                var (next, isTaken) = (stock ?? Nothing).Apply(command);
                return (stock is null ? null : next, isTaken);
            },
            cancellationToken);

    /// <summary>Leaves stock alone that is there already.</summary>
    public Task OpenAsync(string productId, long initial, CancellationToken cancellationToken) =>
        DocumentOf(productId).ChangeAsync(stock => (stock ?? StockDocument.Of(initial), true), cancellationToken);

    /// <summary>The stock now.</summary>
    public async Task<StockDocument> ReadAsync(string productId, CancellationToken cancellationToken)
    {
        var stock = await DocumentOf(productId).ReadAsync(cancellationToken) ?? Nothing;
        seen[productId] = (stock, time.GetTimestamp());
        return stock;
    }

    /// <summary>The stock a second ago at most.</summary>
    public async Task<StockDocument> PeekAsync(string productId, CancellationToken cancellationToken) =>
        seen.TryGetValue(productId, out var known) && time.GetElapsedTime(known.At) < Glance
            ? known.Stock
            : await ReadAsync(productId, cancellationToken);

    private SharedDocument<StockDocument> DocumentOf(string productId) => documents.GetOrAdd(
        productId, id => new(dapr, InventoryApp.Store, $"stock-{id}", JsonSerializerOptions.Web));
}
