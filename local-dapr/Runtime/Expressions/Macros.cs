namespace LocalDapr.Runtime.Expressions;

internal static class Macros
{
    public static readonly HashSet<string> Names = ["all", "exists", "exists_one", "filter", "map"];
}

/// <summary><c>list.exists(x, x > 5)</c> and its like. <c>exists</c> and <c>all</c> pass over failing members when another member decides.</summary>
internal sealed record MacroNode(string Name, Node Target, string Variable, Node[] Body) : Node
{
    public override Value Evaluate(Scope scope)
    {
        var members = Target.Evaluate(scope).Members().Select(member => scope.With(Variable, member));
        return Name switch
        {
            "exists" => Quantify(members, decides: true),
            "all" => Quantify(members, decides: false),
            "exists_one" => Value.Of(members.Count(Holds) == 1),
            "filter" => Value.Of([.. members.Where(Holds).Select(inner => inner.Find(Variable))]),
            _ => Value.Of([.. members.Where(inner => Body.Length == 1 || Holds(inner)).Select(inner => Body[^1].Evaluate(inner))]),
        };
    }

    private bool Holds(Scope scope) => Body[0].Evaluate(scope) is { Kind: ValueKind.Bool } value ? value.AsBool : throw new ExpressionException($"{Name}() wants a bool");

    private Value Quantify(IEnumerable<Scope> members, bool decides)
    {
        ExpressionException? failure = null;
        foreach (var inner in members)
        {
            try
            {
                if (Holds(inner) == decides)
                    return Value.Of(decides);
            }
            catch (ExpressionException thrown)
            {
                failure ??= thrown;
            }
        }
        return failure is null ? Value.Of(!decides) : throw failure;
    }
}
