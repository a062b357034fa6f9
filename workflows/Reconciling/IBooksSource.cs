using Quayside.Contracts.Inventory;
using Quayside.Contracts.Orders;
using Quayside.Contracts.Outside;

namespace Quayside.Workflows.Reconciling;

/// <summary>Those who keep the books. Each read sees all that was committed before it.</summary>
public interface IBooksSource
{
    /// <param name="cursor">Null for the beginning.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<OrderBooks> ReadOrdersAsync(string? cursor, CancellationToken cancellationToken);

    Task<IReadOnlyList<OrderBook>> FindOrdersAsync(IReadOnlyList<string> orderIds, CancellationToken cancellationToken);

    Task<LedgerLines> ReadLinesAsync(Ledger ledger, long after, CancellationToken cancellationToken);

    Task<IReadOnlyList<LedgerLine>> FindLinesAsync(Ledger ledger, IReadOnlyList<string> keys, CancellationToken cancellationToken);

    Task<InventoryBooks> ReadStockAsync(CancellationToken cancellationToken);
}

public enum Ledger
{
    Bank = 1,
    Carrier,
}
