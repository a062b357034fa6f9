using System.Globalization;
using System.Text;

namespace LocalDapr.Runtime.Expressions;

internal enum TokenKind { End, Name, Int, Double, String, Symbol }

internal readonly record struct Token(TokenKind Kind, string Text, int Position);

/// <summary>Cuts the text of an expression into tokens; a string token holds its unescaped value.</summary>
internal sealed class Lexer(string text)
{
    private static readonly string[] Pairs = ["&&", "||", "==", "!=", "<=", ">="];

    private int at;

    public ExpressionSyntaxException Error(int position, string problem) => new(text, position, problem);

    public Token Next()
    {
        SkipBlanks();
        if (at >= text.Length)
            return new Token(TokenKind.End, "", text.Length);
        var start = at;
        var c = text[at];
        if (StartsString() is var prefix and >= 0)
            return String(start, prefix);
        if (char.IsAsciiLetter(c) || c == '_')
        {
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_'))
                at++;
            return new Token(TokenKind.Name, text[start..at], start);
        }
        if (char.IsAsciiDigit(c) || (c == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1])))
            return Number(start);
        foreach (var pair in Pairs)
        {
            if (string.CompareOrdinal(text, at, pair, 0, 2) == 0)
            {
                at += 2;
                return new Token(TokenKind.Symbol, pair, start);
            }
        }
        if (!"()[]{}.,:?!<>+-*/%".Contains(c, StringComparison.Ordinal))
            throw Error(start, $"`{c}` has no meaning");
        at++;
        return new Token(TokenKind.Symbol, c.ToString(), start);
    }

    private void SkipBlanks()
    {
        while (at < text.Length)
        {
            if (text[at] is ' ' or '\t' or '\r' or '\n' or '\f')
                at++;
            else if (string.CompareOrdinal(text, at, "//", 0, 2) == 0)
                at = text.IndexOf('\n', at) is >= 0 and var end ? end : text.Length;
            else
                return;
        }
    }

    /// <summary>Length of the prefix when a string literal begins here, else -1.</summary>
    private int StartsString() => text[at] switch
    {
        '\'' or '"' => 0,
        'r' or 'R' when at + 1 < text.Length && text[at + 1] is '\'' or '"' => 1,
        _ => -1,
    };

    private Token Number(int start)
    {
        if (text[at] == '0' && at + 1 < text.Length && text[at + 1] is 'x' or 'X')
        {
            at += 2;
            while (at < text.Length && char.IsAsciiHexDigit(text[at]))
                at++;
            return new Token(TokenKind.Int, text[start..at], start);
        }
        var isDouble = false;
        while (at < text.Length)
        {
            if (text[at] == '.' && !isDouble && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1]))
                isDouble = true;
            else if (text[at] is 'e' or 'E')
            {
                isDouble = true;
                if (at + 1 < text.Length && text[at + 1] is '+' or '-')
                    at++;
            }
            else if (!char.IsAsciiDigit(text[at]))
                break;
            at++;
        }
        if (at < text.Length && text[at] is 'u' or 'U')
            throw Error(at, "unsigned numbers are not supported");
        return new Token(isDouble ? TokenKind.Double : TokenKind.Int, text[start..at], start);
    }

    private Token String(int start, int prefix)
    {
        var isRaw = prefix == 1;
        at += prefix;
        var quote = text[at].ToString();
        if (string.CompareOrdinal(text, at, new string(quote[0], 3), 0, 3) == 0)
            quote = new string(quote[0], 3);
        at += quote.Length;
        var value = new StringBuilder();
        while (true)
        {
            if (at >= text.Length || (quote.Length == 1 && text[at] is '\n' or '\r'))
                throw Error(start, "the string has no end");
            if (string.CompareOrdinal(text, at, quote, 0, quote.Length) == 0)
            {
                at += quote.Length;
                return new Token(TokenKind.String, value.ToString(), start);
            }
            if (text[at] == '\\' && !isRaw)
                Escape(value);
            else
                value.Append(text[at++]);
        }
    }

    private void Escape(StringBuilder value)
    {
        var start = at++;
        var c = at < text.Length ? text[at++] : '\0';
        switch (c)
        {
            case 'n': value.Append('\n'); break;
            case 't': value.Append('\t'); break;
            case 'r': value.Append('\r'); break;
            case 'a': value.Append('\a'); break;
            case 'b': value.Append('\b'); break;
            case 'f': value.Append('\f'); break;
            case 'v': value.Append('\v'); break;
            case '\\' or '\'' or '"' or '`' or '?': value.Append(c); break;
            case 'x' or 'X': CodePoint(2, 16); break;
            case 'u': CodePoint(4, 16); break;
            case 'U': CodePoint(8, 16); break;
            case >= '0' and <= '3':
                at--;
                CodePoint(3, 8);
                break;
            default:
                throw Error(start, "unknown escape");
        }

        void CodePoint(int digits, int radix)
        {
            try
            {
                value.Append(new Rune(Convert.ToInt32(text.Substring(at, digits), radix)).ToString());
                at += digits;
            }
            catch (Exception failure) when (failure is ArgumentException or FormatException or OverflowException)
            {
                throw Error(start, "broken escape");
            }
        }
    }

    public Value Literal(Token token)
    {
        if (token.Kind == TokenKind.String)
            return Value.Of(token.Text);
        if (token.Kind == TokenKind.Double)
            return double.TryParse(token.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? Value.Of(number) : throw Error(token.Position, "broken number");
        var hexadecimal = token.Text.Length > 1 && token.Text[1] is 'x' or 'X';
        return (hexadecimal
            ? long.TryParse(token.Text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var whole)
            : long.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out whole)) ? Value.Of(whole) : throw Error(token.Position, "number out of range");
    }
}
