using System.Text.Json;
using LocalDapr.Runtime.Expressions;

namespace LocalDapr.Runtime.Tests.Expressions;

public sealed class ExpressionTests
{
    private static readonly JsonDocument Event = JsonDocument.Parse("""
        {"type":"order.created","source":"orders","data":{"n":12.5,"whole":42,"s":"needle in hay","list":[1,2,10],"flag":false,"x":null,"color":"red","map":{"a":1}},"my-ext":"v"}
        """);

    private static readonly Scope Scope = Scope.Empty.With("event", Value.Of(Event.RootElement)).With("requests", Value.Of(10L)).With("totalFailures", Value.Of(4L));

    [Theory]
    [InlineData("event.type == 'order.created'")]
    [InlineData("event['my-ext'] == \"v\"")]
    [InlineData("event.type.startsWith('order.') && event.type.endsWith('.created') && !event.type.contains('x')")]
    [InlineData("event.data.s.matches('^[a-z ]+$') && matches(event.data.s, 'in')")]
    [InlineData("event.data.n >= 10 && event.data.n < 20")]
    [InlineData("event.data.whole == 42 && event.data.whole == 42.0 && int(event.data.whole) + 1 == 43")]
    [InlineData("event.data.color in ['red', 'green'] && !('blue' in ['red'])")]
    [InlineData("'a' in event.data.map && 'type' in event")]
    [InlineData("has(event.data.n) && !has(event.data.nope)")]
    [InlineData("event.data.x == null && event.data.n != null")]
    [InlineData("event.data.list[1] == 2.0 && event.data['list'][0] == 1")]
    [InlineData("size(event.data.list) == 3 && event.data.s.size() == 13 && size({'a': 1}) == 1")]
    [InlineData("event.data.list.exists(x, x > 5.0) && event.data.list.all(x, x > 0) && event.data.list.exists_one(x, x == 10)")]
    [InlineData("event.data.list.filter(x, x < 5).map(x, x * 2.0) == [2.0, 4.0]")]
    [InlineData("(event.data.n > 5.0 ? 'big' : 'small') == 'big'")]
    [InlineData("!event.data.flag")]
    [InlineData("requests >= 10 && totalFailures * 100 / requests >= 40")]
    [InlineData("double(totalFailures) / double(requests) == 0.4")]
    [InlineData("7 % 3 == 1 && -7 / 2 == -3 && 2 + 3 * 4 == 14 && (2 + 3) * 4 == 20 && 0x1F == 31 && 1e3 == 1000.0")]
    [InlineData("'a' + 'b' == 'ab' && [1] + [2] == [1, 2] && {'k': [1]} == {'k': [1.0]}")]
    [InlineData("'\\u00e9\\n' == \"é\\n\" && r'\\n' == '\\\\n' && '''a'b''' == \"a'b\"")]
    [InlineData("'abc' < 'abd' && false < true && 1 < 1.5")]
    [InlineData("'1' != 1 && [1] != 1")]
    [InlineData("int('42') == 42 && string(42) == '42' && bool('true')")]
    public void It_holds(string text) => Assert.True(Expression.Compile(text).IsTrue(Scope));

    [Theory]
    [InlineData("event.data.nope.deep == 1")]
    [InlineData("event.data.s > 5")]
    [InlineData("event.data.whole + 1 == 43")]
    [InlineData("event.type")]
    [InlineData("event.data.list[3] == 1")]
    [InlineData("1 / 0 == 1")]
    [InlineData("9223372036854775807 + 1 > 0")]
    [InlineData("int('4x') == 4")]
    [InlineData("unknown == 1")]
    [InlineData("has(event.type.x)")]
    public void It_fails_when_tried(string text) => Assert.IsNotType<ExpressionSyntaxException>(Assert.ThrowsAny<ExpressionException>(() => Expression.Compile(text).IsTrue(Scope)));

    [Theory]
    [InlineData("event.type ==", 13)]
    [InlineData("event.type = 'a'", 11)]
    [InlineData("(1", 2)]
    [InlineData("'open", 0)]
    [InlineData("a b", 2)]
    [InlineData("has(event)", 0)]
    [InlineData("nope(1)", 0)]
    [InlineData("'a'.matches('[')", 4)]
    [InlineData("in", 0)]
    [InlineData("", 0)]
    [InlineData("[1, 2", 5)]
    [InlineData("99999999999999999999", 0)]
    public void It_is_refused_at_its_place(string text, int position) => Assert.Equal(position, Assert.Throws<ExpressionSyntaxException>(() => Expression.Compile(text)).Position);

    [Fact]
    public void A_side_that_decides_wins_over_a_side_that_fails()
    {
        Assert.False(Expression.Compile("event.nope == 1 && false").IsTrue(Scope));
        Assert.True(Expression.Compile("event.nope == 1 || true").IsTrue(Scope));
        Assert.True(Expression.Compile("[0, 1].exists(x, 1 / x == 1)").IsTrue(Scope));
        Assert.Throws<ExpressionException>(() => Expression.Compile("event.nope == 1 && true").IsTrue(Scope));
    }

    [Fact]
    public void It_tells_which_variables_it_reads() =>
        Assert.Equal(["a", "event"], Expression.Compile("event.list.exists(x, x == a) && has(event.b)").Variables.Order());

    [Fact]
    public void Endless_nesting_is_refused() => Assert.Throws<ExpressionSyntaxException>(() => Expression.Compile(new string('(', 100_000)));
}
