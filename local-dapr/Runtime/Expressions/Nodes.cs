namespace LocalDapr.Runtime.Expressions;

internal abstract record Node
{
    public abstract Value Evaluate(Scope scope);

    protected static ExpressionException NoOverload(string operation, params ReadOnlySpan<Value> operands) =>
        new($"no such overload: {operation} of {string.Join(" and ", operands.ToArray().Select(o => o.TypeName))}");
}

internal sealed record LiteralNode(Value Value) : Node
{
    public override Value Evaluate(Scope scope) => Value;
}

internal sealed record VariableNode(string Name) : Node
{
    public override Value Evaluate(Scope scope) => scope.Find(Name);
}

internal sealed record FieldNode(Node Target, string Name) : Node
{
    private readonly Value key = Value.Of(Name);

    public override Value Evaluate(Scope scope) => Target.Evaluate(scope).TryGet(key, out var value) ? value : throw new ExpressionException($"no such key: {Name}");
}

internal sealed record HasNode(Node Target, string Name) : Node
{
    private readonly Value key = Value.Of(Name);

    public override Value Evaluate(Scope scope) => Value.Of(Target.Evaluate(scope).TryGet(key, out _));
}

internal sealed record IndexNode(Node Target, Node Index) : Node
{
    public override Value Evaluate(Scope scope) => Target.Evaluate(scope).At(Index.Evaluate(scope));
}

internal sealed record ListNode(Node[] Items) : Node
{
    public override Value Evaluate(Scope scope) => Value.Of(Array.ConvertAll(Items, item => item.Evaluate(scope)));
}

internal sealed record MapNode((Node Key, Node Value)[] Entries) : Node
{
    public override Value Evaluate(Scope scope)
    {
        var map = new Dictionary<Value, Value>();
        foreach (var (key, value) in Entries)
        {
            if (!map.TryAdd(key.Evaluate(scope), value.Evaluate(scope)))
                throw new ExpressionException("a key stands twice in a map");
        }
        return Value.Of(map);
    }
}

internal sealed record NotNode(Node Operand) : Node
{
    public override Value Evaluate(Scope scope) => Operand.Evaluate(scope) switch
    {
        { Kind: ValueKind.Bool } value => Value.Of(!value.AsBool),
        var other => throw NoOverload("!", other),
    };
}

internal sealed record NegateNode(Node Operand) : Node
{
    public override Value Evaluate(Scope scope) => Operand.Evaluate(scope) switch
    {
        { Kind: ValueKind.Double } value => Value.Of(-value.AsDouble),
        { Kind: ValueKind.Int, AsInt: > long.MinValue } value => Value.Of(-value.AsInt),
        var other => throw NoOverload("-", other),
    };
}

internal sealed record ConditionalNode(Node Condition, Node Then, Node Else) : Node
{
    public override Value Evaluate(Scope scope) => Condition.Evaluate(scope) switch
    {
        { Kind: ValueKind.Bool } condition => (condition.AsBool ? Then : Else).Evaluate(scope),
        var other => throw NoOverload("?:", other),
    };
}

/// <summary>&amp;&amp; and ||: the side that decides wins even when the other side fails, on whichever side it stands.</summary>
internal sealed record LogicNode(Node Left, Node Right, bool Decides) : Node
{
    public override Value Evaluate(Scope scope)
    {
        ExpressionException? failure = null;
        foreach (var side in (ReadOnlySpan<Node>)[Left, Right])
        {
            try
            {
                var value = side.Evaluate(scope);
                if (value.Kind != ValueKind.Bool)
                    failure ??= NoOverload(Decides ? "||" : "&&", value);
                else if (value.AsBool == Decides)
                    return value;
            }
            catch (ExpressionException thrown)
            {
                failure ??= thrown;
            }
        }
        return failure is null ? Value.Of(!Decides) : throw failure;
    }
}

internal sealed record BinaryNode(string Operator, Node Left, Node Right) : Node
{
    public override Value Evaluate(Scope scope)
    {
        var (left, right) = (Left.Evaluate(scope), Right.Evaluate(scope));
        return Operator switch
        {
            "==" => Value.Of(left == right),
            "!=" => Value.Of(left != right),
            "<" => Value.Of(Compare(left, right) is < 0),
            "<=" => Value.Of(Compare(left, right) is <= 0),
            ">" => Value.Of(Compare(left, right) is > 0),
            ">=" => Value.Of(Compare(left, right) is >= 0),
            "in" when right.Kind == ValueKind.List => Value.Of(right.Members().Contains(left)),
            "in" when right.Kind == ValueKind.Map => Value.Of(right.TryGet(left, out _)),
            _ => Arithmetic(left, right),
        };
    }

    /// <summary>Null for NaN, which is neither less nor greater.</summary>
    private int? Compare(Value left, Value right)
    {
        if (left.Kind == ValueKind.Int && right.Kind == ValueKind.Int)
            return left.AsInt.CompareTo(right.AsInt);
        if (left.IsNumber && right.IsNumber)
            return double.IsNaN(left.AsDouble) || double.IsNaN(right.AsDouble) ? null : left.AsDouble.CompareTo(right.AsDouble);
        return (left.Kind, right.Kind) switch
        {
            (ValueKind.String, ValueKind.String) => string.CompareOrdinal(left.AsString, right.AsString),
            (ValueKind.Bool, ValueKind.Bool) => left.AsBool.CompareTo(right.AsBool),
            _ => throw NoOverload(Operator, left, right),
        };
    }

    private Value Arithmetic(Value left, Value right)
    {
        try
        {
            return (Operator, left.Kind, right.Kind) switch
            {
                ("+", ValueKind.Int, ValueKind.Int) => Value.Of(checked(left.AsInt + right.AsInt)),
                ("-", ValueKind.Int, ValueKind.Int) => Value.Of(checked(left.AsInt - right.AsInt)),
                ("*", ValueKind.Int, ValueKind.Int) => Value.Of(checked(left.AsInt * right.AsInt)),
                ("/", ValueKind.Int, ValueKind.Int) => Value.Of(left.AsInt / right.AsInt),
                ("%", ValueKind.Int, ValueKind.Int) => Value.Of(left.AsInt % right.AsInt),
                ("+", ValueKind.Double, ValueKind.Double) => Value.Of(left.AsDouble + right.AsDouble),
                ("-", ValueKind.Double, ValueKind.Double) => Value.Of(left.AsDouble - right.AsDouble),
                ("*", ValueKind.Double, ValueKind.Double) => Value.Of(left.AsDouble * right.AsDouble),
                ("/", ValueKind.Double, ValueKind.Double) => Value.Of(left.AsDouble / right.AsDouble),
                ("+", ValueKind.String, ValueKind.String) => Value.Of(left.AsString + right.AsString),
                ("+", ValueKind.List, ValueKind.List) => Value.Of([.. left.Members(), .. right.Members()]),
                _ => throw NoOverload(Operator, left, right),
            };
        }
        catch (ArithmeticException failure)
        {
            throw new ExpressionException(failure is DivideByZeroException ? "division by zero" : "integer overflow");
        }
    }
}
