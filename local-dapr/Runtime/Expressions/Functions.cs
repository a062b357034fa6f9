using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;

namespace LocalDapr.Runtime.Expressions;

/// <summary>The functions of the language, called as <c>f(x, y)</c> or <c>x.f(y)</c>.</summary>
internal static class Functions
{
    private static readonly Dictionary<(string Name, int Operands), (bool Global, bool Member)> Known = new()
    {
        [("size", 1)] = (true, true),
        [("startsWith", 2)] = (false, true),
        [("endsWith", 2)] = (false, true),
        [("contains", 2)] = (false, true),
        [("matches", 2)] = (true, true),
        [("int", 1)] = (true, false),
        [("double", 1)] = (true, false),
        [("string", 1)] = (true, false),
        [("bool", 1)] = (true, false),
        [("dyn", 1)] = (true, false),
    };

    public static Node Call(Lexer lexer, Token name, Node? target, Node[] arguments)
    {
        Node[] operands = target is null ? arguments : [target, .. arguments];
        if (!Known.TryGetValue((name.Text, operands.Length), out var style) || !(target is null ? style.Global : style.Member))
            throw lexer.Error(name.Position, $"there is no function {name.Text} with {arguments.Length} arguments");
        if (name.Text != "matches")
            return new CallNode(name.Text, operands, null);
        var patterns = new ConcurrentDictionary<string, Regex>(StringComparer.Ordinal);
        if (operands[1] is LiteralNode { Value.Kind: ValueKind.String } literal)
        {
            try
            {
                patterns[literal.Value.AsString] = Pattern(literal.Value.AsString);
            }
            catch (ExpressionException failure)
            {
                throw lexer.Error(name.Position, failure.Message);
            }
        }
        return new CallNode(name.Text, operands, patterns);
    }

    public static bool Matches(ConcurrentDictionary<string, Regex> patterns, string text, string pattern)
    {
        if (!patterns.TryGetValue(pattern, out var regex))
        {
            regex = Pattern(pattern);
            if (patterns.Count < 16)
                patterns[pattern] = regex;
        }
        return regex.IsMatch(text);
    }

    public static Value Convert(string type, Value value) => (type, value.Kind) switch
    {
        ("dyn", _) => value,
        ("int", ValueKind.Int) or ("double", ValueKind.Double) or ("string", ValueKind.String) or ("bool", ValueKind.Bool) => value,
        ("int", ValueKind.Double) when value.AsDouble is > -9.2233720368547758e18 and < 9.2233720368547758e18 => Value.Of((long)value.AsDouble),
        ("int", ValueKind.String) when long.TryParse(value.AsString, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => Value.Of(whole),
        ("double", ValueKind.Int) => Value.Of(value.AsDouble),
        ("double", ValueKind.String) when double.TryParse(value.AsString, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => Value.Of(number),
        ("string", ValueKind.Int or ValueKind.Double or ValueKind.Bool) => Value.Of(value.ToString()),
        ("bool", ValueKind.String) when value.AsString is "1" or "t" or "T" or "true" or "TRUE" or "True" => Value.Of(true),
        ("bool", ValueKind.String) when value.AsString is "0" or "f" or "F" or "false" or "FALSE" or "False" => Value.Of(false),
        _ => throw new ExpressionException($"{type}() cannot convert {(value.Kind == ValueKind.String ? $"'{value}'" : value.TypeName)}"),
    };

    /// <summary>CEL patterns are RE2: no backtracking, linear time.</summary>
    private static Regex Pattern(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception failure) when (failure is ArgumentException or NotSupportedException)
        {
            throw new ExpressionException($"`{pattern}` is no pattern: {failure.Message}");
        }
    }
}

internal sealed record CallNode(string Name, Node[] Operands, ConcurrentDictionary<string, Regex>? Patterns) : Node
{
    public override Value Evaluate(Scope scope)
    {
        var first = Operands[0].Evaluate(scope);
        if (Name == "size")
            return Value.Of(first.Size);
        if (Operands.Length == 1)
            return Functions.Convert(Name, first);
        var second = Operands[1].Evaluate(scope);
        if (first.Kind != ValueKind.String || second.Kind != ValueKind.String)
            throw NoOverload(Name, first, second);
        return Value.Of(Name switch
        {
            "startsWith" => first.AsString.StartsWith(second.AsString, StringComparison.Ordinal),
            "endsWith" => first.AsString.EndsWith(second.AsString, StringComparison.Ordinal),
            "contains" => first.AsString.Contains(second.AsString, StringComparison.Ordinal),
            _ => Functions.Matches(Patterns!, first.AsString, second.AsString),
        });
    }
}
