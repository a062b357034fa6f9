using Quayside.Contracts.Inventory;
using Quayside.Contracts.Orders;
using Quayside.Contracts.Outside;

namespace Quayside.Workflows.Reconciling;

/// <summary>
/// The laws of conservation, as pure functions. What makes them safe while orders are in flight is the sequence in which things are written: an order
/// is placed before anything happens under its id, and becomes final after everything did. So
/// a final order is judged by ledgers that were read after it was seen final; a key is unknown when an order of that id is not there after the key was
/// seen; and totals are held between what had shipped before they were read and what could have shipped by then.
/// </summary>
public static class BooksRules
{
    /// <summary>What bank and carrier wrote for a final order, read after the order.</summary>
    public static IEnumerable<Difference> OfOrder(OrderBook order, Account account)
    {
        var ships = order.Status == OrderStatus.Shipped;
        if (account.Captures > 1)
            yield return Payment($"was captured {account.Captures} times");
        else if (account.Captures == 1 && account.Captured != order.Total.Amount)
            yield return Payment($"is over {order.Total.Amount}, and the bank captured {account.Captured}");
        else if (account.Held != (ships ? order.Total.Amount : 0))
            yield return Payment($"is {order.Status} at {order.Total.Amount}, and the bank holds {account.Held} for it");
        if (account.HasParcel != ships)
            yield return new(DifferenceKind.Shipment, order.OrderId, $"order {order.OrderId} is {order.Status}, and the carrier says {account.Parcel ?? "nothing"}");

        Difference Payment(string what) => new(DifferenceKind.Payment, order.OrderId, $"order {order.OrderId} {what}");
    }

    /// <summary>What bank and carrier wrote under a key for which no order was found afterwards.</summary>
    public static IEnumerable<Difference> OfUnknown(string key, Account account)
    {
        if (account.Held != 0)
            yield return new(DifferenceKind.UnknownPayment, key, $"the bank holds {account.Held} for {key}, which is no order");
        if (account.HasParcel)
            yield return new(DifferenceKind.UnknownShipment, key, $"the carrier has a parcel for {key}, which is no order");
    }

    /// <summary>Pieces are on hand, reserved or shipped; a document holds all three, so this is true at any moment.</summary>
    public static IEnumerable<Difference> OfStock(StockBook stock)
    {
        if (stock.Initial != stock.OnHand + stock.Reserved + stock.Shipped || stock.OnHand < 0)
            yield return new(DifferenceKind.Stock, stock.ProductId,
                $"product {stock.ProductId}: initial {stock.Initial} is not on hand {stock.OnHand} + reserved {stock.Reserved} + shipped {stock.Shipped}");
    }

    /// <param name="line">Open when the stock was read.</param>
    /// <param name="order">As it was found afterwards; null for none of that id.</param>
    /// <param name="lingers">It was open for a final order for longer than Inventory takes to tidy up after a crash.</param>
    public static IEnumerable<Difference> OfLine(OpenLine line, OrderBook? order, bool lingers)
    {
        if (order is null)
            yield return new(DifferenceKind.UnknownReservation, Subject(line), $"{line.Quantity} of {line.ProductId} are reserved for {line.OrderId}, which is no order");
        else if (order.IsFinal && lingers)
            yield return new(DifferenceKind.Reservation, Subject(line), $"{line.Quantity} of {line.ProductId} are reserved for order {line.OrderId}, which is {order.Status}");
    }

    public static string Subject(OpenLine line) => $"{line.ProductId}/{line.Line}";

    /// <param name="stock">Read between the two.</param>
    /// <param name="shipped">Orders that had shipped before.</param>
    /// <param name="couldShip">Those and all that were not cancelled before and placed until after. With nothing in flight both are the same.</param>
    public static IEnumerable<Difference> OfPieces(StockBook stock, Totals shipped, Totals couldShip)
    {
        var (least, most) = (shipped.PiecesOf(stock.ProductId), couldShip.PiecesOf(stock.ProductId));
        if (stock.Shipped < least || stock.Shipped > most)
            yield return new(DifferenceKind.ShippedStock, stock.ProductId,
                $"product {stock.ProductId}: {stock.Shipped} have left the warehouse, and orders shipped {Range(least, most)}");
    }

    /// <param name="held">Captured less refunded, read between the two.</param>
    /// <param name="shipped">As in <see cref="OfPieces"/>.</param>
    /// <param name="couldShip">As in <see cref="OfPieces"/>.</param>
    public static IEnumerable<Difference> OfMoney(long held, Totals shipped, Totals couldShip)
    {
        if (held < shipped.Money || held > couldShip.Money)
            yield return new(DifferenceKind.Money, "bank", $"the bank holds {held}, and shipped orders are worth {Range(shipped.Money, couldShip.Money)}");
    }

    private static string Range(long least, long most) => least == most ? $"{least}" : $"{least} to {most}";
}
