using Quayside.Contracts;
using Quayside.Contracts.Inventory;
using Quayside.Contracts.Orders;
using Quayside.Contracts.Outside;
using Quayside.ServiceDefaults.Invocation;

namespace Quayside.Workflows.Admin;

/// <summary>
/// Compares orders with the ledgers of bank and carrier and with the stock. Orders are read first: what is final then has left its traces in the ledgers
/// that are read after.
/// </summary>
public sealed class BooksReader(Invoker invoker)
{
    public async Task<Books> ReadAsync(CancellationToken cancellationToken)
    {
        var orders = await ReadOrdersAsync(cancellationToken);
        var bank = await invoker.GetAsync<BankLedger>("bank", "/ledger/bank", cancellationToken);
        var carrier = await invoker.GetAsync<CarrierLedger>("carrier", "/ledger/carrier", cancellationToken);
        var stock = (await invoker.PostAsync<object, InventoryBooks>("inventory-service", "/internal/inventory/books", new { }, cancellationToken)).Stock;
        string[] differences = [.. BooksRules.Compare(orders, bank.Entries, carrier.Entries, stock)];
        var shipped = orders.Where(o => o.Status == OrderStatus.Shipped).Sum(o => o.Total.Amount);
        var money = new MoneyBook(Money.Euro(bank.Captured), Money.Euro(bank.Refunded), Money.Euro(shipped));
        return new Books(differences.Length == 0, differences, stock, money, carrier.Accepted);
    }

    private async Task<List<OrderBook>> ReadOrdersAsync(CancellationToken cancellationToken)
    {
        var orders = new List<OrderBook>();
        string? cursor = null;
        do
        {
            var page = await invoker.PostAsync<ReadOrderBooks, OrderBooks>("order-service", "/internal/orders/books", new ReadOrderBooks(cursor), cancellationToken);
            orders.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return orders;
    }
}
