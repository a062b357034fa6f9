using System.Collections.Immutable;
using System.Reflection;
using FsCheck;
using FsCheck.Fluent;
using Quayside.Contracts;

namespace Quayside.Services.Tests.Events;

/// <summary>
/// Any value of any event of a closed hierarchy, made from its constructor, so that a member that is added tomorrow is generated tomorrow. Within the
/// domain: ids of orders are UUIDs, amounts and quantities count something, times are UTC; all other text is anything, what may be null is null at times.
/// </summary>
internal static class AnyEvent
{
    private static readonly Gen<string> AnyText = Gen.OneOf(
        ArbMap.Default.GeneratorFor<string>().Select(text => text ?? ""),
        Gen.Elements("Zażółć gęślą jaźń", "🐌👩‍👩‍👧", "\u0000\u001f\"\\/", "\u2028</script>", "日本語", "e\u0301", ""));

    private static readonly Gen<string> AnyUuid = ArbMap.Default.GeneratorFor<Guid>().Select(id => id.ToString());

    private static readonly Gen<string> AnyEmail = Gen.Elements("ada@example.com", "a.b+c@x-1.example.org", "O'Brien@mail.example.ie");

    private static readonly Gen<DateTimeOffset> AnyTime =
        Gen.Choose(0, int.MaxValue).SelectMany(seconds => Gen.Choose(0, 9_999_999).Select(ticks => DateTimeOffset.UnixEpoch.AddSeconds(seconds).AddTicks(ticks)));

    private static readonly Gen<Money> AnyMoney =
        from amount in Gen.OneOf(Gen.Choose(0, int.MaxValue).Select(cents => (long)cents), Gen.Elements(0L, 1L, 1_000_000_000_000L, long.MaxValue))
        from currency in Gen.Elements("EUR", "JPY", "KWD")
        select new Money(amount, currency);

    public static IEnumerable<Type> TypesOf<TEvent>() => typeof(TEvent).GetNestedTypes().Where(type => type.IsAssignableTo(typeof(TEvent)));

    public static Arbitrary<TEvent> Of<TEvent>() => Gen.OneOf(TypesOf<TEvent>().Select(Record)).Select(made => (TEvent)made).ToArbitrary();

    private static Gen<object> Record(Type type)
    {
        var constructor = type.GetConstructors().Single();
        return constructor.GetParameters()
            .Aggregate(Gen.Constant(ImmutableList<object?>.Empty), (before, parameter) => before.SelectMany(arguments => Parameter(parameter).Select(arguments.Add)))
            .Select(arguments => constructor.Invoke([.. arguments]));
    }

    private static Gen<object?> Parameter(ParameterInfo parameter)
    {
        var any = parameter.Name switch
        {
            "OrderId" => AnyUuid.Select(object? (id) => id),
            "Email" => AnyEmail.Select(object? (email) => email),
            "Quantity" => Gen.Choose(1, int.MaxValue).Select(object? (pieces) => pieces),
            _ => Value(parameter.ParameterType),
        };
        return new NullabilityInfoContext().Create(parameter).ReadState is NullabilityState.Nullable ? Gen.Frequency((1, Gen.Constant<object?>(null)), (3, any)) : any;
    }

    private static Gen<object?> Value(Type type) => type switch
    {
        _ when type == typeof(string) => AnyText.Select(object? (text) => text),
        _ when type == typeof(DateTimeOffset) => AnyTime.Select(object? (time) => time),
        _ when type == typeof(Money) => AnyMoney.Select(object? (money) => money),
        { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) => List(type.GetGenericArguments()[0]),
        { IsSealed: true } when type.Namespace!.StartsWith("Quayside.", StringComparison.Ordinal) => Record(type).Select(object? (made) => made),
        _ => throw new NotSupportedException($"Say here what values of {type} there are"),
    };

    private static Gen<object?> List(Type element) => Gen.Choose(0, 4).SelectMany(Value(element).ArrayOf).Select(object? (values) =>
    {
        var list = Array.CreateInstance(element, values.Length);
        values.CopyTo(list, 0);
        return list;
    });
}
