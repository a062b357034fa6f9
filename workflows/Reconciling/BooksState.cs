using System.Collections.Immutable;
using Quayside.Contracts.Orders;
using Quayside.Contracts.Outside;

namespace Quayside.Workflows.Reconciling;

/// <summary>
/// How far the books were read, and what is not settled: orders in flight, those that differ, keys whose order is not known. An order that is final and
/// balanced is forgotten, so memory follows the orders in flight and not their history.
/// </summary>
/// <param name="Orders">Cursor of the orders.</param>
/// <param name="Bank">Position in the bank's ledger.</param>
/// <param name="Carrier">Position in the carrier's ledger.</param>
/// <param name="Shipped">All orders that have shipped.</param>
/// <param name="Captured">By the bank, in minor units.</param>
/// <param name="Refunded">By the bank, in minor units.</param>
/// <param name="Lingering">Since when lines of final orders were seen open, by subject.</param>
public sealed record BooksState(
    string? Orders,
    long Bank,
    long Carrier,
    ImmutableDictionary<string, Account> Accounts,
    Totals Shipped,
    long Captured,
    long Refunded,
    int Parcels,
    ImmutableDictionary<string, DateTimeOffset> Lingering)
{
    public static readonly BooksState Nothing = new(
        null, 0, 0, ImmutableDictionary<string, Account>.Empty, Totals.None, 0, 0, 0, ImmutableDictionary<string, DateTimeOffset>.Empty);

    public IEnumerable<OrderBook> OpenOrders => Accounts.Values.Select(account => account.Order).OfType<OrderBook>().Where(order => !order.IsFinal);

    public IEnumerable<string> UnknownKeys => Accounts.Where(entry => entry.Value.Order is null).Select(entry => entry.Key);

    public BooksState With(OrderBooks page)
    {
        var (accounts, shipped) = (Accounts.ToBuilder(), Shipped);
        foreach (var change in page.Items)
        {
            var before = accounts.GetValueOrDefault(change.OrderId, new Account());
            var account = before.With(change);
            accounts[change.OrderId] = account;
            if (account.HasShipped && !before.HasShipped)
                shipped = shipped.Add(account.Order!);
        }
        return this with { Orders = page.Cursor, Accounts = accounts.ToImmutable(), Shipped = shipped };
    }

    public BooksState WithBank(IReadOnlyList<LedgerLine> lines) => lines.Count == 0 ? this : this with
    {
        Bank = lines[^1].Position,
        Accounts = Fold(lines, (account, line) => account.WithBank(line)),
        Captured = Captured + lines.Where(line => line.Kind == LedgerKinds.Capture).Sum(line => line.Amount),
        Refunded = Refunded + lines.Where(line => line.Kind == LedgerKinds.Refund).Sum(line => line.Amount),
    };

    public BooksState WithCarrier(IReadOnlyList<LedgerLine> lines) => lines.Count == 0 ? this : this with
    {
        Carrier = lines[^1].Position,
        Accounts = Fold(lines, (account, line) => account.WithCarrier(line)),
        Parcels = Parcels + lines.Count(line => line.Kind == LedgerKinds.Shipment),
    };

    /// <summary>Forgets what balances. A line that comes for it later brings the key back, without an order, and it is asked for.</summary>
    public BooksState Settle() => this with
    {
        Accounts = Accounts.RemoveRange(Accounts
            .Where(entry => entry.Value is { IsPlaced: true, Order: { IsFinal: true } order } && !BooksRules.OfOrder(order, entry.Value).Any())
            .Select(entry => entry.Key)),
    };

    /// <summary>An account read anew, from all its lines. Those beyond what was read so far are left for then.</summary>
    public BooksState WithReadAnew(OrderBook order, IEnumerable<LedgerLine> bank, IEnumerable<LedgerLine> carrier)
    {
        var account = bank.Where(line => line.Position <= Bank).Aggregate(new Account(order), (sum, line) => sum.WithBank(line));
        account = carrier.Where(line => line.Position <= Carrier).Aggregate(account, (sum, line) => sum.WithCarrier(line));
        return this with { Accounts = Accounts.SetItem(order.OrderId, account) };
    }

    public BooksState Forget(IEnumerable<string> keys) => this with { Accounts = Accounts.RemoveRange(keys) };

    private ImmutableDictionary<string, Account> Fold(IReadOnlyList<LedgerLine> lines, Func<Account, LedgerLine, Account> add)
    {
        var accounts = Accounts.ToBuilder();
        foreach (var line in lines)
            accounts[line.Key] = add(accounts.GetValueOrDefault(line.Key, new Account()), line);
        return accounts.ToImmutable();
    }
}
