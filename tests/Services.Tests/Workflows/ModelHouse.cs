using System.Globalization;
using Quayside.Contracts;
using Quayside.Contracts.Inventory;
using Quayside.Contracts.Orders;
using Quayside.Contracts.Outside;
using Quayside.Services.Tests.ServiceDefaults;
using Quayside.Workflows.Reconciling;

namespace Quayside.Services.Tests.Workflows;

/// <summary>A house that does everything right, in steps that mix at random: before each read of its books some more of them happen.</summary>
internal sealed class ModelHouse(int seed, ManualTime time) : IBooksSource
{
    private const int Page = 4;
    private static readonly string[] Products = ["p-1", "p-2"];
    private readonly Random random = new(seed);
    private readonly List<IEnumerator<int>> sagas = [];
    private readonly Dictionary<string, StockBook> stock = Products.ToDictionary(id => id, id => new StockBook(id, 1_000, 1_000, 0, 0));
    private int orders;

    public List<OrderBook> Orders { get; } = [];

    public List<LedgerLine> Bank { get; } = [];

    public List<LedgerLine> Carrier { get; } = [];

    public Dictionary<(string ProductId, string Line), OpenLine> Lines { get; } = [];

    public bool IsQuiet => sagas.Count == 0;

    public string[] Shipped => [.. Orders.Where(order => order.Status == OrderStatus.Shipped).Select(order => order.OrderId)];

    public string[] Cancelled => [.. Orders.Where(order => order.Status == OrderStatus.Cancelled).Select(order => order.OrderId)];

    public void Begin(int count)
    {
        for (var i = 0; i < count; i++) sagas.Add(Saga().GetEnumerator());
    }

    public void Step(int most)
    {
        for (var steps = random.Next(most + 1); steps > 0 && sagas.Count > 0; steps--)
        {
            var saga = sagas[random.Next(sagas.Count)];
            // now and then one runs from its beginning to its end between two reads
            for (var burst = random.Next(5) == 0 ? 20 : 1; burst > 0; burst--)
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                if (saga.MoveNext()) continue;
                sagas.Remove(saga);
                break;
            }
        }
    }

    public OrderBook Place(string? id = null)
    {
        OrderBookLine[] lines = [.. Products.Take(random.Next(1, 3)).Select(product => new OrderBookLine(product, random.Next(1, 4)))];
        var order = new OrderBook(id ?? $"o-{++orders}", OrderStatus.Pending, Money.Euro(random.Next(1, 100)), lines, time.GetUtcNow());
        Orders.Add(order);
        return order;
    }

    public void End(OrderBook order, OrderStatus status) => Orders.Add(order with { Status = status, Lines = [], At = time.GetUtcNow() });

    public void Write(List<LedgerLine> ledger, string key, string kind, long amount = 0) =>
        ledger.Add(new(1 + Bank.Count + Carrier.Count, key, kind, time.GetUtcNow(), amount));

    public void Reserve(string orderId, string productId, int quantity, string attempt = "")
    {
        stock[productId] = stock[productId] with { OnHand = stock[productId].OnHand - quantity, Reserved = stock[productId].Reserved + quantity };
        Lines[(productId, orderId + attempt)] = new(productId, orderId + attempt, orderId, quantity);
    }

    public void Release(string orderId, string productId, string attempt = "")
    {
        if (!Lines.Remove((productId, orderId + attempt), out var line)) return;
        stock[productId] = stock[productId] with { OnHand = stock[productId].OnHand + line.Quantity, Reserved = stock[productId].Reserved - line.Quantity };
    }

    public void Commit(string orderId, string productId)
    {
        if (!Lines.Remove((productId, orderId), out var line)) return;
        stock[productId] = stock[productId] with { Shipped = stock[productId].Shipped + line.Quantity, Reserved = stock[productId].Reserved - line.Quantity };
    }

    public void Change(string productId, Func<StockBook, StockBook> change) => stock[productId] = change(stock[productId]);

    public Task<OrderBooks> ReadOrdersAsync(string? cursor, CancellationToken cancellationToken)
    {
        Step(6);
        var after = cursor is null ? 0 : int.Parse(cursor, CultureInfo.InvariantCulture);
        var items = Orders.Skip(after).Take(Page).ToList();
        var read = after + items.Count;
        return Task.FromResult(new OrderBooks(items, read.ToString(CultureInfo.InvariantCulture), read < Orders.Count ? items[^1].At : null));
    }

    public Task<IReadOnlyList<OrderBook>> FindOrdersAsync(IReadOnlyList<string> orderIds, CancellationToken cancellationToken)
    {
        Step(6);
        return Task.FromResult<IReadOnlyList<OrderBook>>([.. orderIds.Select(id => Orders.Where(order => order.OrderId == id).ToList())
            .Where(history => history.Count > 0).Select(history => history[0] with { Status = history[^1].Status })]);
    }

    public Task<LedgerLines> ReadLinesAsync(Ledger ledger, long after, CancellationToken cancellationToken)
    {
        Step(6);
        var lines = (ledger == Ledger.Bank ? Bank : Carrier).Where(line => line.Position > after).ToList();
        return Task.FromResult(new LedgerLines([.. lines.Take(Page)], lines.Count > Page));
    }

    public Task<IReadOnlyList<LedgerLine>> FindLinesAsync(Ledger ledger, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        Step(6);
        return Task.FromResult<IReadOnlyList<LedgerLine>>([.. (ledger == Ledger.Bank ? Bank : Carrier).Where(line => keys.Contains(line.Key))]);
    }

    public Task<InventoryBooks> ReadStockAsync(CancellationToken cancellationToken)
    {
        Step(6);
        return Task.FromResult(new InventoryBooks([.. stock.Values], [.. Lines.Values]));
    }

    /// <summary>Each yield is a moment at which anything else may happen, a read of the books too.</summary>
    private IEnumerable<int> Saga()
    {
        var order = Place();
        yield return 0;
        // 0 cancelled at once, 1 after reserving, 2 declined, 3 the address is refused, 4 a parcel taken back, 5 a charge of unknown outcome; else it ships
        var way = random.Next(10);
        if (way > 0)
        {
            foreach (var line in order.Lines)
            {
                Reserve(order.OrderId, line.ProductId, line.Quantity);
                yield return 0;
            }
        }
        if (way >= 2)
        {
            if (way == 2) Write(Bank, order.OrderId, LedgerKinds.Refusal);
            else if (way == 5) Write(Bank, order.OrderId, LedgerKinds.Void);
            else Write(Bank, order.OrderId, LedgerKinds.Capture, order.Total.Amount);
            yield return 0;
        }
        if (way is 3 or >= 6) Write(Carrier, order.OrderId, way == 3 ? LedgerKinds.Refusal : LedgerKinds.Shipment);
        if (way == 4)
        {
            Write(Carrier, order.OrderId, LedgerKinds.Shipment);
            yield return 0;
            Write(Carrier, order.OrderId, LedgerKinds.Cancellation);
        }
        yield return 0;
        if (way >= 6)
        {
            foreach (var line in order.Lines)
            {
                Commit(order.OrderId, line.ProductId);
                yield return 0;
            }
            End(order, OrderStatus.Shipped);
            yield break;
        }
        if (way is 3 or 4)
        {
            Write(Bank, order.OrderId, LedgerKinds.Refund, order.Total.Amount);
            yield return 0;
        }
        foreach (var line in order.Lines)
        {
            Release(order.OrderId, line.ProductId);
            yield return 0;
        }
        End(order, OrderStatus.Cancelled);
        // a slow earlier attempt to reserve comes late and is given back
        Reserve(order.OrderId, "p-1", 1, "#2");
        yield return 0;
        Release(order.OrderId, "p-1", "#2");
    }
}
