using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Quayside.EventSourcing;

namespace Quayside.Patterns.Tests.EventSourcing;

internal sealed record Price(long Amount, string Currency);

internal abstract record BasketEvent
{
    /// <summary>Its third generation; see <see cref="OldBasketEvents"/>.</summary>
    public sealed record ItemAdded(string Sku, int Quantity, Price UnitPrice, string? Note = null) : BasketEvent;

    public sealed record ItemRemoved(string Sku, int Quantity) : BasketEvent;
    public sealed record CheckedOut(long Total) : BasketEvent;
}

internal abstract record BasketCommand
{
    public sealed record Add(string Sku, int Quantity, Price UnitPrice, string? Note) : BasketCommand;
    public sealed record Remove(string Sku, int Quantity) : BasketCommand;
    public sealed record CheckOut : BasketCommand;
}

internal sealed record BasketLine(int Quantity, Price UnitPrice);

/// <param name="Newest">The state depends on the order of the events, not only on their number.</param>
internal sealed record BasketState(ImmutableSortedDictionary<string, BasketLine> Lines, long Total, string? Newest, bool IsCheckedOut)
{
    public static readonly BasketState Empty = new(ImmutableSortedDictionary<string, BasketLine>.Empty.WithComparers(StringComparer.Ordinal), 0, null, false);

    public override string ToString() => JsonSerializer.Serialize(this);
}

/// <summary>An aggregate whose state is worth a snapshot, with an event that was changed twice and renamed.</summary>
internal static class Basket
{
    public static readonly Decider<BasketState, BasketCommand, BasketEvent, string> Decider = new(BasketState.Empty, Decide, Evolve);

    public static readonly EventCodec<BasketEvent> Codec = new EventCodec<BasketEvent>(new DefaultJsonTypeInfoResolver())
        .Map<BasketEvent.ItemAdded>("basket.item_added", schemaVersion: 3, upcasting: new Upcasting()
            .Formerly("basket.line_added")
            .From(1, PriceInCents)
            .From(2, PriceAsMoney))
        .Map<BasketEvent.ItemRemoved>("basket.item_removed")
        .Map<BasketEvent.CheckedOut>("basket.checked_out");

    /// <summary>Schema 1 told the price in euros, as text.</summary>
    public static JsonObject PriceInCents(JsonObject data)
    {
        var euros = decimal.Parse(data["price"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);
        data.Remove("price");
        data["cents"] = (long)(euros * 100);
        return data;
    }

    /// <summary>Schema 2 knew one currency.</summary>
    public static JsonObject PriceAsMoney(JsonObject data)
    {
        var cents = data["cents"]!.GetValue<long>();
        data.Remove("cents");
        data["unitPrice"] = new JsonObject { ["amount"] = cents, ["currency"] = "EUR" };
        return data;
    }

    private static Decision<BasketEvent, string> Decide(BasketState basket, BasketCommand command, DateTimeOffset now) => command switch
    {
        _ when basket.IsCheckedOut => "checked out",
        BasketCommand.Add add => new BasketEvent.ItemAdded(add.Sku, add.Quantity, add.UnitPrice, add.Note),
        BasketCommand.Remove remove when basket.Lines.GetValueOrDefault(remove.Sku)?.Quantity >= remove.Quantity =>
            new BasketEvent.ItemRemoved(remove.Sku, remove.Quantity),
        BasketCommand.CheckOut when basket.Lines.Count > 0 => new BasketEvent.CheckedOut(basket.Total),
        _ => "not in the basket",
    };

    private static BasketState Evolve(BasketState basket, BasketEvent happened) => happened switch
    {
        BasketEvent.ItemAdded e => With(basket, e.Sku, new BasketLine((basket.Lines.GetValueOrDefault(e.Sku)?.Quantity ?? 0) + e.Quantity, e.UnitPrice)),
        BasketEvent.ItemRemoved e => With(basket, e.Sku, basket.Lines[e.Sku] with { Quantity = basket.Lines[e.Sku].Quantity - e.Quantity }),
        BasketEvent.CheckedOut => basket with { IsCheckedOut = true },
        _ => throw new InvalidOperationException($"{happened.GetType().Name} is not an event of a basket"),
    };

    private static BasketState With(BasketState basket, string sku, BasketLine line)
    {
        var lines = line.Quantity > 0 ? basket.Lines.SetItem(sku, line) : basket.Lines.Remove(sku);
        return new BasketState(lines, lines.Values.Sum(each => each.Quantity * each.UnitPrice.Amount), sku, basket.IsCheckedOut);
    }
}
