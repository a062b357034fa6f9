namespace LocalDapr.Runtime.Expressions;

/// <summary>The variables that an expression sees; an inner one hides an outer one of the same name.</summary>
public sealed class Scope
{
    public static readonly Scope Empty = new("", default, null);

    private readonly string name;
    private readonly Value value;
    private readonly Scope? outer;

    private Scope(string name, Value value, Scope? outer) => (this.name, this.value, this.outer) = (name, value, outer);

    public Scope With(string variable, Value variableValue) => new(variable, variableValue, this);

    internal Value Find(string variable)
    {
        for (var scope = this; scope is not null; scope = scope.outer)
        {
            if (scope.name == variable)
                return scope.value;
        }
        throw new ExpressionException($"no such attribute: {variable}");
    }
}
