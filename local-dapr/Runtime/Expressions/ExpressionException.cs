namespace LocalDapr.Runtime.Expressions;

/// <summary>An expression that cannot be read, or that fails on the values it is given.</summary>
public class ExpressionException(string message) : Exception(message);

/// <summary>Text that is no expression. <see cref="Position"/> counts characters from 0.</summary>
public sealed class ExpressionSyntaxException(string text, int position, string problem)
    : ExpressionException($"`{text}` is not an expression: {problem} at character {position + 1}")
{
    public int Position { get; } = position;
}
