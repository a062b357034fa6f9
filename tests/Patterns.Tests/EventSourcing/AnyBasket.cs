using FsCheck;
using FsCheck.Fluent;

namespace Quayside.Patterns.Tests.EventSourcing;

/// <summary>Generated facts and commands of baskets; prices in euros, since older schemas knew no other currency.</summary>
internal static class AnyBasket
{
    private static readonly Gen<string> AnyText = ArbMap.Default.GeneratorFor<string>().Select(text => text ?? "");

    private static readonly Gen<Price> AnyPrice = Gen.Choose(0, int.MaxValue).Select(amount => new Price(amount, "EUR"));

    private static readonly Gen<string?> AnyNote = Gen.OneOf(Gen.Constant<string?>(null), AnyText.Select(string? (text) => text), Gen.Constant<string?>("ślimak 🐌 \u0000 \" \\"));

    public static readonly Gen<BasketEvent.ItemAdded> ItemAdded =
        from sku in AnyText
        from quantity in Gen.Choose(1, 1000)
        from price in AnyPrice
        from note in AnyNote
        select new BasketEvent.ItemAdded(sku, quantity, price, note);

    /// <summary>Few products, so that they meet.</summary>
    private static readonly Gen<BasketCommand> AnyCommand = Gen.Frequency(
        (12, from sku in Gen.Elements("a", "b", "ż")
             from quantity in Gen.Choose(1, 5)
             from price in AnyPrice
             from note in AnyNote
             select (BasketCommand)new BasketCommand.Add(sku, quantity, price, note)),
        (8, from sku in Gen.Elements("a", "b", "ż")
            from quantity in Gen.Choose(1, 5)
            select (BasketCommand)new BasketCommand.Remove(sku, quantity)),
        (1, Gen.Constant<BasketCommand>(new BasketCommand.CheckOut())));

    public static readonly Arbitrary<BasketCommand[]> Commands =
        Arb.From(Gen.Choose(0, 60).SelectMany(AnyCommand.ArrayOf), Arb.Array(AnyCommand.ToArbitrary()).Shrinker);

    /// <summary>The facts, and for each the generation that writes it.</summary>
    public static readonly Arbitrary<(BasketEvent.ItemAdded Facts, int Generation)[]> Histories =
        (from facts in ItemAdded from generation in Gen.Choose(1, 3) select (facts, generation)).ArrayOf().ToArbitrary();

    /// <summary>All that the commands lead to, one after the other.</summary>
    public static List<BasketEvent> Decide(IEnumerable<BasketCommand> commands)
    {
        List<BasketEvent> history = [];
        var basket = BasketState.Empty;
        foreach (var command in commands)
        {
            var decided = Basket.Decider.Decide(basket, command, default).Events;
            history.AddRange(decided);
            basket = decided.Aggregate(basket, Basket.Decider.Evolve);
        }
        return history;
    }
}
