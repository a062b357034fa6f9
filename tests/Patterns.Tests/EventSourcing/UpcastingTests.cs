using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using FsCheck;
using FsCheck.Fluent;
using Quayside.EventSourcing;
using Quayside.EventSourcing.Sql;

namespace Quayside.Patterns.Tests.EventSourcing;

public sealed class UpcastingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Whatever_generation_wrote_the_facts_they_are_read_as_if_todays_had() => Check.QuickThrowOnFailure(Prop.ForAll(
        AnyBasket.ItemAdded.ToArbitrary(),
        facts =>
        {
            Assert.Equal(facts, Decode(OldBasketEvents.WriteToday(facts)));
            Assert.Equal(facts, Decode(OldBasketEvents.WriteSecond(facts)));
            Assert.Equal(facts, Decode(OldBasketEvents.WriteFirst(facts)));
        }));

    [Fact]
    public void The_chain_is_its_steps_one_after_the_other() => Check.QuickThrowOnFailure(Prop.ForAll(
        AnyBasket.ItemAdded.ToArbitrary(),
        facts =>
        {
            var first = OldBasketEvents.WriteFirst(facts);
            var second = first with { SchemaVersion = 2, Data = Apply(Basket.PriceInCents, first.Data) };
            var third = second with { EventType = "basket.item_added", SchemaVersion = 3, Data = Apply(Basket.PriceAsMoney, second.Data) };
            Assert.Equal(facts, Decode(second));
            Assert.Equal(facts, Decode(third));
        }));

    [Fact]
    public void What_is_of_today_already_is_not_touched() => Check.QuickThrowOnFailure(Prop.ForAll(
        AnyBasket.ItemAdded.ToArbitrary(),
        facts =>
        {
            var codec = Mapped(2, new Upcasting().From(1, _ => throw new InvalidOperationException("not of today")));
            var written = codec.Encode(facts);
            Assert.Equal(written.Data.ToArray(), codec.Encode(codec.Decode(Stored(written))).Data.ToArray());
        }));

    [Fact]
    public void A_stream_of_mixed_generations_leads_to_the_same_state_and_is_left_as_it_was_written()
    {
        using var folder = new TempFolder();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(20), Prop.ForAll(AnyBasket.Histories, async history =>
        {
            await using var store = new EventStore(new DatabaseAddress.Sqlite(folder.File($"{Guid.NewGuid()}.db")));
            NewEvent[] written = [.. history.Select(each => each.Generation switch
            {
                1 => OldBasketEvents.WriteFirst(each.Facts),
                2 => OldBasketEvents.WriteSecond(each.Facts),
                _ => OldBasketEvents.WriteToday(each.Facts),
            })];
            await store.AppendAsync(new Append("b", 0, written, new EventMetadata(), DateTimeOffset.UnixEpoch), Token);

            var runner = new DeciderRunner<BasketState, BasketCommand, BasketEvent, string>(Basket.Decider, Basket.Codec, _ => store, TimeProvider.System);
            var loaded = await runner.LoadAsync("b", Token);
            var native = history.Aggregate(BasketState.Empty, (state, each) => Basket.Decider.Evolve(state, each.Facts));
            Assert.Equal((native.ToString(), history.Length), (loaded.State.ToString(), loaded.Version));

            var stream = await store.ReadStreamAsync("b", Token);
            Assert.Equal(
                written.Select(each => (each.EventType, each.SchemaVersion, Text(each.Data))),
                stream.Select(each => (each.EventType, each.SchemaVersion, Text(each.Data))));
        }));
    }

    [Fact]
    public void The_sealed_part_is_put_back_after_upcasting()
    {
        var codec = new EventCodec<BasketEvent>(new DefaultJsonTypeInfoResolver()).Map<BasketEvent.ItemAdded>(
            "basket.item_added", schemaVersion: 2, withSealed: (e, bytes) => e with { Note = Encoding.UTF8.GetString(bytes.Span) },
            upcasting: new Upcasting().From(1, Basket.PriceAsMoney));
        var stored = Stored(new NewEvent("basket.item_added", 1, """{"sku":"a","quantity":1,"cents":5}"""u8.ToArray(), "for you"u8.ToArray()));
        Assert.Equal(new BasketEvent.ItemAdded("a", 1, new Price(5, "EUR"), "for you"), codec.Decode(stored));
    }

    [Fact]
    public void Members_that_nobody_knows_are_ignored() => Assert.Equal(
        new BasketEvent.ItemRemoved("a", 2),
        Decode(new NewEvent("basket.item_removed", 1, """{"why":{"deeply":["unknown"]},"quantity":2,"sku":"a"}"""u8.ToArray())));

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"sku":null,"quantity":2}""")]
    [InlineData("""{"sku":"a"}""")]
    [InlineData("""{"sku":"a","quantity":"2"}""")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("not json")]
    public void A_payload_without_what_its_type_requires_is_an_error_that_says_where(string data)
    {
        var failure = Assert.Throws<UnreadableEventException>(() => Decode(new NewEvent("basket.item_removed", 1, Encoding.UTF8.GetBytes(data))));
        Assert.StartsWith("basket.item_removed schema 1 in b version 7 cannot be read: ", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[]")]
    public void An_old_payload_that_a_step_cannot_turn_is_an_error_that_says_where(string data)
    {
        var failure = Assert.Throws<UnreadableEventException>(() => Decode(new NewEvent("basket.line_added", 1, Encoding.UTF8.GetBytes(data))));
        Assert.StartsWith("basket.line_added schema 1 in b version 7 cannot be read: ", failure.Message, StringComparison.Ordinal);
        Assert.NotNull(failure.InnerException);
    }

    [Theory]
    [InlineData("basket.lost", 1, "basket.lost schema 1 in b version 7 cannot be read: the event type is unknown")]
    [InlineData("basket.item_added", 4, "basket.item_added schema 4 in b version 7 cannot be read: this code knows the schemas 1 to 3")]
    [InlineData("basket.line_added", 0, "basket.line_added schema 0 in b version 7 cannot be read: this code knows the schemas 1 to 3")]
    public void An_event_that_this_code_does_not_know_is_an_error_that_says_where(string eventType, int schemaVersion, string message) =>
        Assert.Equal(message, Assert.Throws<UnreadableEventException>(() => Decode(new NewEvent(eventType, schemaVersion, "{}"u8.ToArray()))).Message);

    [Fact]
    public void An_event_that_lacks_what_its_type_requires_is_never_written() =>
        Assert.Throws<System.Text.Json.JsonException>(() => Basket.Codec.Encode(new BasketEvent.ItemRemoved(null!, 1)));

    public static TheoryData<int, int[], string> Chains => new()
    {
        { 3, [1], "basket.item_added: there is no upcaster from schema 2 to 3" },
        { 3, [2], "basket.item_added: there is no upcaster from schema 1 to 2" },
        { 2, [], "basket.item_added: there is no upcaster from schema 1 to 2" },
        { 3, [1, 2, 2], "basket.item_added: there are 2 upcasters from schema 2" },
        { 2, [1, 2], "basket.item_added: there is an upcaster from schema 2, but the schemas to read are 1 to 1" },
        { 2, [0, 1], "basket.item_added: there is an upcaster from schema 0, but the schemas to read are 1 to 1" },
        { 0, [], "basket.item_added: its schema is 0, but the first is 1" },
    };

    [Theory]
    [MemberData(nameof(Chains))]
    public void A_chain_that_does_not_lead_from_the_first_schema_to_todays_is_refused_when_the_codec_is_built(int today, int[] steps, string message)
    {
        var upcasting = steps.Aggregate(new Upcasting(), (chain, from) => chain.From(from, data => data));
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => Mapped(today, upcasting)).Message);
    }

    [Fact]
    public void A_name_is_read_as_one_type_only()
    {
        var codec = Mapped(1, new Upcasting().Formerly("basket.line_added"));
        Assert.Equal(
            "The event type basket.line_added is mapped twice: to ItemAdded and to ItemRemoved",
            Assert.Throws<ArgumentException>(() => codec.Map<BasketEvent.ItemRemoved>("basket.line_added")).Message);
        Assert.Equal(
            "ItemAdded is mapped twice: as basket.item_added and as basket.other",
            Assert.Throws<ArgumentException>(() => codec.Map<BasketEvent.ItemAdded>("basket.other")).Message);
    }

    private static EventCodec<BasketEvent> Mapped(int today, Upcasting upcasting) =>
        new EventCodec<BasketEvent>(new DefaultJsonTypeInfoResolver()).Map<BasketEvent.ItemAdded>("basket.item_added", today, upcasting: upcasting);

    private static BasketEvent Decode(NewEvent written) => Basket.Codec.Decode(Stored(written));

    private static DomainEvent Stored(NewEvent written) =>
        new(Guid.Empty, "b", written.EventType, written.SchemaVersion, written.Data, new EventMetadata(), DateTimeOffset.UnixEpoch, 7) { Sealed = written.Sealed };

    private static byte[] Apply(Upcast step, ReadOnlyMemory<byte> data) => Encoding.UTF8.GetBytes(step((JsonObject)JsonNode.Parse(data.Span)!).ToJsonString());

    private static string Text(ReadOnlyMemory<byte> data) => Encoding.UTF8.GetString(data.Span);
}
