namespace LocalDapr.Runtime.Expressions;

/// <summary>
/// A compiled expression of the Common Expression Language, as Dapr 1.18 uses it in routing rules (<c>event.type == 'order.created'</c>) and breakers
/// (<c>consecutiveFailures >= 5</c>). Covered: all operators, lists, maps, <c>has</c>, <c>size</c>, <c>exists</c>, <c>exists_one</c>, <c>all</c>, <c>filter</c>,
/// <c>map</c>, <c>startsWith</c>, <c>endsWith</c>, <c>contains</c>, <c>matches</c>, <c>int</c>, <c>double</c>, <c>string</c>, <c>bool</c>, <c>dyn</c>. Not covered: bytes, unsigned numbers, time. Safe to share between threads.
/// </summary>
public sealed class Expression
{
    private readonly Node root;

    private Expression(string text, Node root, IReadOnlySet<string> variables)
    {
        Text = text;
        this.root = root;
        Variables = variables;
    }

    public string Text { get; }

    /// <summary>The top-level identifiers that the expression reads.</summary>
    public IReadOnlySet<string> Variables { get; }

    /// <exception cref="ExpressionSyntaxException">The text is no expression; it tells where.</exception>
    public static Expression Compile(string text)
    {
        var parser = new Parser(text);
        var root = parser.ParseAll();
        return new Expression(text, root, parser.Variables);
    }

    /// <exception cref="ExpressionException">A value is missing, of the wrong type or out of range.</exception>
    public Value Evaluate(Scope scope) => root.Evaluate(scope);

    /// <exception cref="ExpressionException">As for <see cref="Evaluate"/>; also when the result is no bool.</exception>
    public bool IsTrue(Scope scope) => Evaluate(scope) switch
    {
        { Kind: ValueKind.Bool } value => value.AsBool,
        var other => throw new ExpressionException($"`{Text}` gives {other.TypeName}, not a bool"),
    };
}
