using System.Globalization;
using System.Text.Json;
using Quayside.EventSourcing;

namespace Quayside.Patterns.Tests.EventSourcing;

/// <summary>How releases before today's wrote that an item was added: their code, kept as it was.</summary>
internal static class OldBasketEvents
{
    private sealed record First(string Sku, int Quantity, string Price, string? Note, string Device);

    private sealed record Second(string Sku, int Quantity, long Cents, string? Note);

    /// <summary>Prices in euros as text, and a member that no later schema knows.</summary>
    public static NewEvent WriteFirst(BasketEvent.ItemAdded facts) => Write("basket.line_added", 1, new First(
        facts.Sku, facts.Quantity, (facts.UnitPrice.Amount / 100m).ToString("0.00", CultureInfo.InvariantCulture), facts.Note, "till 4"));

    public static NewEvent WriteSecond(BasketEvent.ItemAdded facts) =>
        Write("basket.line_added", 2, new Second(facts.Sku, facts.Quantity, facts.UnitPrice.Amount, facts.Note));

    public static NewEvent WriteToday(BasketEvent facts) => Basket.Codec.Encode(facts);

    private static NewEvent Write<T>(string eventType, int schemaVersion, T payload) =>
        new(eventType, schemaVersion, JsonSerializer.SerializeToUtf8Bytes(payload, JsonSerializerOptions.Web));
}
