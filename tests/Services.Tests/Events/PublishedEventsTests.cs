using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using FsCheck;
using FsCheck.Fluent;
using Json.Schema;
using Quayside.Contracts;
using Quayside.Contracts.Orders;
using Quayside.Contracts.Users;
using Quayside.EventSourcing;
using Quayside.Orders.Order;
using Quayside.Users.Profiles;

namespace Quayside.Services.Tests.Events;

/// <summary>The schemas in contracts/schemas tell the truth about what leaves the house.</summary>
public sealed class PublishedEventsTests
{
    /// <summary>Token, address and hash of the request are sealed, passwords and profiles are elsewhere: no event has a member for them.</summary>
    private static readonly string[] Private = ["sealed", "token", "shipto", "address", "street", "city", "postcode", "country", "hash", "password", "phone", "card"];

    private static readonly JsonSchemaExporterOptions NotNull = new() { TreatNullObliviousAsNonNullable = true };

    private static readonly Dictionary<string, (string Topic, MappedEvent Event)> Mapped =
        OrderCodec.Instance.Events.Select(each => (Topics.Orders, each)).Concat(UserCodec.Instance.Events.Select(each => (Topics.Users, each)))
            .ToDictionary(each => each.each.EventType);

    public static TheoryData<string> Names => new(PublishedSchemas.Names);

    public static TheoryData<string> EventTypes => new(Mapped.Keys);

    [Fact]
    public void Every_event_of_the_house_is_mapped_under_its_published_name()
    {
        Assert.Equal(
            AnyEvent.TypesOf<OrderEvent>().Concat(AnyEvent.TypesOf<UserEvent>()).Select(type => type.FullName).Order(StringComparer.Ordinal),
            Mapped.Values.Select(each => each.Event.Type.FullName).Order(StringComparer.Ordinal));
        Assert.Equal(
            new[] { typeof(OrderEvents), typeof(UserEvents) }.SelectMany(names => names.GetFields()).Select(field => (string)field.GetRawConstantValue()!).Order(StringComparer.Ordinal),
            Mapped.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_version_of_every_event_type_has_its_schema_and_there_is_no_other()
    {
        var names = PublishedSchemas.Names.Except([PublishedSchemas.Envelope]).ToHashSet();
        foreach (var (topic, mapped) in Mapped.Values)
        {
            for (var version = 1; version <= mapped.SchemaVersion; version++)
            {
                // an older version may have been written under an older name; today's is not
                string[] written = version == mapped.SchemaVersion ? [mapped.EventType] : [mapped.EventType, .. mapped.FormerNames];
                var found = written.Where(name => names.Remove(File(topic, name, version))).ToList();
                Assert.True(found.Count > 0, $"{File(topic, mapped.EventType, version)} is missing");
            }
        }
        Assert.Empty(names);
    }

    [Fact]
    public void The_page_of_the_events_lists_all_schemas()
    {
        var page = System.IO.File.ReadAllText(Path.Combine(PublishedSchemas.Folder, "..", "..", "docs", "events.md"));
        Assert.All(PublishedSchemas.Names, name => Assert.Contains($"(../contracts/schemas/{name})", page, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_schema_is_one_and_says_what_it_is(string name)
    {
        var schema = PublishedSchemas.Read(name);
        Assert.True(MetaSchemas.Draft202012.Evaluate(JsonSerializer.SerializeToElement(schema)).IsValid);
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", schema["$schema"]!.GetValue<string>());
        Assert.Equal($"https://quayside.test/schemas/{name}", schema["$id"]!.GetValue<string>());
        Assert.All(["title", "description"], text => Assert.NotEmpty(schema[text]!.GetValue<string>()));
        foreach (var part in Parts(schema))
        {
            // a reader ignores what it does not know, so it must be allowed
            Assert.All(["additionalProperties", "unevaluatedProperties", "propertyNames"], closing => Assert.Null(part[closing]));
            Assert.All(SchemaShape.Properties(part), member => Assert.True(member.Value["description"] is not null, $"{member.Key} has no description"));
        }
    }

    [Theory]
    [MemberData(nameof(EventTypes))]
    public void A_schema_and_the_type_that_is_written_have_the_same_members(string eventType)
    {
        var (topic, mapped) = Mapped[eventType];
        var written = mapped.Json.GetJsonSchemaAsNode(NotNull).AsObject();
        Assert.Equal(SchemaShape.Lines(written), SchemaShape.Lines(PublishedSchemas.Read(File(topic, eventType, mapped.SchemaVersion))));
    }

    /// <summary>Its writer leaves out what is null, its reader takes null too: the schema promises less than the type allows.</summary>
    [Fact]
    public void The_envelope_and_the_type_that_reads_it_have_the_same_members()
    {
        var read = new JsonSerializerOptions(JsonSerializerOptions.Web)
        {
            NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict,
            RespectRequiredConstructorParameters = true,
            RespectNullableAnnotations = true,
        }.GetJsonSchemaAsNode(typeof(EventEnvelope), NotNull).AsObject();
        Assert.Equal(
            SchemaShape.Lines(read).Select(line => line.Replace("null or ", "", StringComparison.Ordinal)),
            SchemaShape.Lines(PublishedSchemas.Read(PublishedSchemas.Envelope)).Select(line => line == "data: object, required" ? "data: , required" : line));
    }

    [Fact]
    public void Whatever_happens_to_an_order_is_published_as_the_schemas_say() => MustBeValid(OrderCodec.Instance);

    [Fact]
    public void Whatever_happens_to_a_user_is_published_as_the_schemas_say() => MustBeValid(UserCodec.Instance);

    [Theory]
    [MemberData(nameof(EventTypes))]
    public void Without_a_member_that_is_required_or_with_one_of_another_type_a_document_is_not_valid(string eventType)
    {
        var (topic, mapped) = Mapped[eventType];
        var name = File(topic, eventType, mapped.SchemaVersion);
        var some = typeof(OrderEvent).IsAssignableFrom(mapped.Type)
            ? Payload(OrderCodec.Instance, AnyEvent.Of<OrderEvent>().Generator.Where(e => e.GetType() == mapped.Type).Sample(1)[0])
            : Payload(UserCodec.Instance, AnyEvent.Of<UserEvent>().Generator.Where(e => e.GetType() == mapped.Type).Sample(1)[0]);
        Assert.Equal("", Validate(name, some));
        foreach (var member in some.Select(each => each.Key).ToList())
        {
            var (without, other) = (some.DeepClone().AsObject(), some.DeepClone().AsObject());
            without.Remove(member);
            other[member] = true;
            Assert.NotEqual("", Validate(name, without));
            Assert.NotEqual("", Validate(name, other));
        }

        some["later"] = "a member that nobody knows yet";
        Assert.Equal("", Validate(name, some));

        static JsonObject Payload<T>(EventCodec<T> codec, T happened) where T : class => JsonNode.Parse(codec.Encode(happened).Data.Span)!.AsObject();
        static string Validate(string name, JsonObject payload) => PublishedSchemas.Validate(name, JsonSerializer.SerializeToElement(payload));
    }

    [Fact]
    public void Sealed_data_is_in_no_published_event() => Check.QuickThrowOnFailure(Prop.ForAll(
        AnyEvent.Of<OrderEvent>().Generator.Where(e => e is OrderEvent.Created).ToArbitrary(),
        happened =>
        {
            var secret = """{"requestHash":"4f2a","paymentToken":"tok_ok","shipTo":{"street":"12 Secret Lane"}}"""u8.ToArray();
            var written = OrderCodec.Instance.Encode((OrderEvent.Created)happened with { Sealed = secret });
            Assert.Equal(secret, written.Sealed.ToArray());
            var json = Encoding.UTF8.GetString(Envelope.ToJson(Stored(written, new EventMetadata())));
            Assert.All(
                ["Secret Lane", "tok_ok", Convert.ToBase64String(secret), Convert.ToHexString(secret), Convert.ToHexStringLower(secret)],
                text => Assert.DoesNotContain(text, json));
        }));

    [Theory]
    [MemberData(nameof(Names))]
    public void No_schema_has_a_member_for_private_data(string name) => Assert.All(
        Parts(PublishedSchemas.Read(name)).SelectMany(SchemaShape.Properties).Select(member => member.Key),
        member => Assert.DoesNotContain(
            name.Contains(UserEvents.Created, StringComparison.Ordinal) ? Private : [.. Private, "mail"], part => member.Contains(part, StringComparison.OrdinalIgnoreCase)));

    private static void MustBeValid<TEvent>(EventCodec<TEvent> codec) where TEvent : class => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(1_000),
        Prop.ForAll(AnyEvent.Of<TEvent>(), AnyMetadata.ToArbitrary(), (happened, metadata) =>
        {
            var written = codec.Encode(happened);
            var stored = Stored(written, metadata);
            using var published = JsonDocument.Parse(Envelope.ToJson(stored));
            Assert.Equal("", PublishedSchemas.Validate(PublishedSchemas.Envelope, published.RootElement));
            Assert.Equal("", PublishedSchemas.Validate(
                File(Mapped[written.EventType].Topic, written.EventType, written.SchemaVersion), published.RootElement.GetProperty("data")));

            // and it has no member that the schema does not tell
            var told = PublishedSchemas.Read(PublishedSchemas.Envelope)["properties"]!.AsObject();
            Assert.All(published.RootElement.EnumerateObject(), member => Assert.True(told.ContainsKey(member.Name), member.Name));
            Assert.All(published.RootElement.GetProperty("metadata").EnumerateObject(), member => Assert.NotNull(told["metadata"]!["properties"]![member.Name]));
            Assert.Equal(Text(written.Data), Text(codec.Encode(codec.Decode(stored)).Data));
        }));

    private static readonly Gen<string?> AnyText = ArbMap.Default.GeneratorFor<string?>();

    private static readonly Gen<EventMetadata> AnyMetadata =
        from traceparent in AnyText
        from correlationId in AnyText
        from causationId in AnyText
        from commandId in AnyText
        from actor in AnyText
        select new EventMetadata(traceparent, correlationId, causationId, commandId, actor);

    private static DomainEvent Stored(NewEvent written, EventMetadata metadata) => new(
        Guid.NewGuid(), "aggregate", written.EventType, written.SchemaVersion, written.Data, metadata, DateTimeOffset.UnixEpoch.AddTicks(1), 1) { Sealed = written.Sealed };

    private static string File(string topic, string eventType, int version) => $"{topic}/{eventType}.v{version}.json";

    private static string Text(ReadOnlyMemory<byte> data) => Encoding.UTF8.GetString(data.Span);

    /// <summary>The schema and every schema in it.</summary>
    private static IEnumerable<JsonObject> Parts(JsonObject schema) =>
        schema.Select(each => each.Value).OfType<JsonObject>().SelectMany(Parts).Prepend(schema);
}
