using System.Collections.Immutable;
using Quayside.Contracts;
using Quayside.Contracts.Inventory;
using Quayside.Contracts.Orders;

namespace Quayside.Workflows.Reconciling;

/// <summary>
/// Compares orders with the ledgers of bank and carrier and with the stock, pass by pass, each pass from where the one before ended. A pass costs one
/// row for each order placed or finished since, one for each line of a ledger since, the stock of all products, and one look-up for each key that has
/// no order in memory: of an order that was settled before, or of none. The first pass reads everything, in pages, and keeps only what is in flight.
/// What is changed in place after it was read (nobody does: all three are append-only) is seen by the first pass after the next start.
/// </summary>
/// <param name="source">Those who keep the books.</param>
/// <param name="lineGrace">How long a line may stay open for a final order: Inventory's sweep settles what a crash left within two minutes.</param>
/// <param name="time">The clock.</param>
/// <param name="ended">Told each order that became final, and when it was placed; null for nobody.</param>
public sealed class BooksReader(IBooksSource source, TimeSpan lineGrace, TimeProvider time, Action<OrderBook, DateTimeOffset>? ended = null)
{
    private const int KeysAtOnce = 500;

    // Each assignment is a complete state, so a pass that fails in the middle is taken up by the next one where it failed.
    private BooksState state = BooksState.Nothing;

    /// <summary>One pass; never two at a time.</summary>
    public async Task<(Books Books, IReadOnlyList<Difference> Differences)> ReadAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await ReadOrdersAndLedgersAsync(cancellationToken);
        var before = state;
        var stock = await source.ReadStockAsync(cancellationToken);
        var couldShip = before.Shipped.Add(before.OpenOrders).Add(await ReadPlacedSinceAsync(cancellationToken));

        var differences = before.Accounts.Values.Where(account => account.Order is { IsFinal: true }).SelectMany(account => BooksRules.OfOrder(account.Order!, account))
            .Concat(await LookUpKeysAsync(cancellationToken)).DistinctBy(difference => (difference.Kind, difference.Subject)).ToList();
        if (!differences.Exists(difference => difference.Kind is DifferenceKind.Payment or DifferenceKind.UnknownPayment))
            differences.AddRange(BooksRules.OfMoney(before.Captured - before.Refunded, before.Shipped, couldShip));
        differences.AddRange(await LookUpLinesAsync(stock.Lines, now, cancellationToken));
        differences.AddRange(stock.Stock.SelectMany(BooksRules.OfStock));
        differences.AddRange(stock.Stock.SelectMany(product => BooksRules.OfPieces(product, before.Shipped, couldShip)));

        var money = new MoneyBook(Money.Euro(before.Captured), Money.Euro(before.Refunded), Money.Euro(before.Shipped.Money));
        return (new Books(differences.Count == 0, [.. differences.Select(difference => difference.Text)], stock.Stock, money, before.Parcels, now), differences);
    }

    /// <summary>Orders first, then the ledgers: at the end they contain all that was written for an order before it became final. On the way they are
    /// read about as far as the orders, so that most orders balance, and are forgotten, page by page.</summary>
    private async Task ReadOrdersAndLedgersAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset? upTo;
        do
        {
            upTo = (await ReadOrdersAsync(cancellationToken)).UpTo;
            await ReadLinesAsync(Ledger.Bank, upTo, cancellationToken);
            await ReadLinesAsync(Ledger.Carrier, upTo, cancellationToken);
            state = state.Settle();
        }
        while (upTo is not null);
    }

    private async Task<OrderBooks> ReadOrdersAsync(CancellationToken cancellationToken)
    {
        var page = await source.ReadOrdersAsync(state.Orders, cancellationToken);
        var placed = page.Items.Where(order => order.Status == OrderStatus.Pending).ToDictionary(order => order.OrderId, order => order.At);
        foreach (var final in page.Items.Where(order => order.IsFinal))
        {
            if (placed.TryGetValue(final.OrderId, out var at) || (at = state.Accounts.GetValueOrDefault(final.OrderId)?.Order?.At ?? default) != default)
                ended?.Invoke(final, at);
        }
        state = state.With(page);
        return page;
    }

    private async Task<List<OrderBook>> ReadPlacedSinceAsync(CancellationToken cancellationToken)
    {
        var placed = new List<OrderBook>();
        OrderBooks page;
        do
        {
            page = await ReadOrdersAsync(cancellationToken);
            placed.AddRange(page.Items.Where(order => order.Status == OrderStatus.Pending));
        }
        while (page.UpTo is not null);
        return placed;
    }

    private async Task ReadLinesAsync(Ledger ledger, DateTimeOffset? upTo, CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await source.ReadLinesAsync(ledger, ledger == Ledger.Bank ? state.Bank : state.Carrier, cancellationToken);
            state = ledger == Ledger.Bank ? state.WithBank(page.Lines) : state.WithCarrier(page.Lines);
            if (!page.More || page.Lines[^1].At > upTo)
                return;
        }
    }

    /// <summary>Keys without an order, after the orders were read again: settled before, and then read anew, or of no order at all.</summary>
    private async Task<List<Difference>> LookUpKeysAsync(CancellationToken cancellationToken)
    {
        var differences = new List<Difference>();
        foreach (var keys in state.UnknownKeys.Chunk(KeysAtOnce))
        {
            var orders = (await source.FindOrdersAsync(keys, cancellationToken)).ToDictionary(order => order.OrderId);
            string[] known = [.. orders.Keys];
            var bank = known.Length == 0 ? [] : await source.FindLinesAsync(Ledger.Bank, known, cancellationToken);
            var carrier = known.Length == 0 ? [] : await source.FindLinesAsync(Ledger.Carrier, known, cancellationToken);
            foreach (var order in orders.Values)
                state = state.WithReadAnew(order, bank.Where(line => line.Key == order.OrderId), carrier.Where(line => line.Key == order.OrderId));
            var judged = keys.ToLookup(key => orders.ContainsKey(key));
            differences.AddRange(judged[true].Where(key => orders[key].IsFinal).SelectMany(key => BooksRules.OfOrder(orders[key], state.Accounts[key])));
            var unknown = judged[false].ToDictionary(key => key, key => BooksRules.OfUnknown(key, state.Accounts[key]).ToList());
            differences.AddRange(unknown.Values.SelectMany(found => found));
            state = state.Forget(unknown.Where(entry => entry.Value.Count == 0).Select(entry => entry.Key)).Settle();
        }
        return differences;
    }

    private async Task<List<Difference>> LookUpLinesAsync(IReadOnlyList<OpenLine> lines, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var orders = new Dictionary<string, OrderBook>();
        foreach (var ids in lines.Select(line => line.OrderId).Distinct().Where(id => state.Accounts.GetValueOrDefault(id)?.Order is null).Chunk(KeysAtOnce))
        {
            foreach (var order in await source.FindOrdersAsync(ids, cancellationToken))
                orders[order.OrderId] = order;
        }
        var judged = lines.Select(line => (Line: line, Order: state.Accounts.GetValueOrDefault(line.OrderId)?.Order ?? orders.GetValueOrDefault(line.OrderId))).ToList();
        var lingering = state.Lingering;
        state = state with
        {
            Lingering = judged.Where(one => one.Order is { IsFinal: true }).Select(one => BooksRules.Subject(one.Line))
                .ToImmutableDictionary(subject => subject, subject => lingering.GetValueOrDefault(subject, now)),
        };
        return [.. judged.SelectMany(one => BooksRules.OfLine(one.Line, one.Order, lingers: now - state.Lingering.GetValueOrDefault(BooksRules.Subject(one.Line), now) >= lineGrace))];
    }
}
