using Quayside.Contracts.Inventory;
using Quayside.Contracts.Orders;
using Quayside.Contracts.Outside;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Workflows.Reconciling;

/// <summary>The books of the house, through the sidecar.</summary>
internal sealed class HouseBooks(Invoker invoker) : IBooksSource
{
    public Task<OrderBooks> ReadOrdersAsync(string? cursor, CancellationToken cancellationToken) =>
        invoker.PostAsync<ReadOrderBooks, OrderBooks>("order-service", "/internal/orders/books", new(cursor), cancellationToken);

    public async Task<IReadOnlyList<OrderBook>> FindOrdersAsync(IReadOnlyList<string> orderIds, CancellationToken cancellationToken) =>
        (await invoker.PostAsync<FindOrderBooks, FoundOrderBooks>("order-service", "/internal/orders/find-books", new(orderIds), cancellationToken)).Items;

    public Task<LedgerLines> ReadLinesAsync(Ledger ledger, long after, CancellationToken cancellationToken) =>
        invoker.PostAsync<ReadLines, LedgerLines>(Name(ledger), $"/ledger/{Name(ledger)}/lines", new(after), cancellationToken);

    public async Task<IReadOnlyList<LedgerLine>> FindLinesAsync(Ledger ledger, IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        (await invoker.PostAsync<FindLines, LedgerLines>(Name(ledger), $"/ledger/{Name(ledger)}/lines-of", new(keys), cancellationToken)).Lines;

    public Task<InventoryBooks> ReadStockAsync(CancellationToken cancellationToken) =>
        invoker.PostAsync<object, InventoryBooks>("inventory-service", "/internal/inventory/books", new { }, cancellationToken);

    private static string Name(Ledger ledger) => ledger == Ledger.Bank ? "bank" : "carrier";
}
