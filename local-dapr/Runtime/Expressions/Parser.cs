namespace LocalDapr.Runtime.Expressions;

/// <summary>Recursive descent over CEL's grammar: conditional, or, and, relation, sum, product, unary, member, primary.</summary>
internal sealed class Parser
{
    private const int MaxDepth = 100;

    private static readonly HashSet<string> Reserved =
    [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "in", "let", "loop", "package", "namespace", "return", "var", "void", "while",
    ];

    private readonly Lexer lexer;
    private readonly HashSet<string> variables = new(StringComparer.Ordinal);
    private readonly Stack<string> bound = new();
    private Token token;
    private int depth;

    public Parser(string text)
    {
        lexer = new Lexer(text);
        token = lexer.Next();
    }

    public IReadOnlySet<string> Variables => variables;

    public Node ParseAll()
    {
        var node = Conditional();
        return token.Kind == TokenKind.End ? node : throw Unexpected();
    }

    private ExpressionSyntaxException Unexpected() =>
        lexer.Error(token.Position, token.Kind == TokenKind.End ? "it ends too early" : $"unexpected `{token.Text}`");

    private Token Take()
    {
        var taken = token;
        token = lexer.Next();
        return taken;
    }

    private bool TryTake(string symbol)
    {
        if (token.Kind != TokenKind.Symbol || token.Text != symbol)
            return false;
        Take();
        return true;
    }

    private void Expect(string symbol)
    {
        if (!TryTake(symbol))
            throw Unexpected();
    }

    private Node Conditional()
    {
        if (++depth > MaxDepth)
            throw lexer.Error(token.Position, "nested too deep");
        var condition = Or();
        if (TryTake("?"))
        {
            var then = Or();
            Expect(":");
            condition = new ConditionalNode(condition, then, Conditional());
        }
        depth--;
        return condition;
    }

    private Node Or()
    {
        var left = And();
        while (TryTake("||"))
            left = new LogicNode(left, And(), Decides: true);
        return left;
    }

    private Node And()
    {
        var left = Relation();
        while (TryTake("&&"))
            left = new LogicNode(left, Relation(), Decides: false);
        return left;
    }

    private Node Relation()
    {
        var left = Sum();
        while (token is { Kind: TokenKind.Symbol, Text: "==" or "!=" or "<" or "<=" or ">" or ">=" } or { Kind: TokenKind.Name, Text: "in" })
            left = new BinaryNode(Take().Text, left, Sum());
        return left;
    }

    private Node Sum()
    {
        var left = Product();
        while (token is { Kind: TokenKind.Symbol, Text: "+" or "-" })
            left = new BinaryNode(Take().Text, left, Product());
        return left;
    }

    private Node Product()
    {
        var left = Unary();
        while (token is { Kind: TokenKind.Symbol, Text: "*" or "/" or "%" })
            left = new BinaryNode(Take().Text, left, Unary());
        return left;
    }

    private Node Unary()
    {
        if (++depth > MaxDepth)
            throw lexer.Error(token.Position, "nested too deep");
        var node = TryTake("!") ? new NotNode(Unary()) : TryTake("-") ? Negated() : Member();
        depth--;
        return node;
    }

    private Node Negated()
    {
        if (token is { Kind: TokenKind.Int, Text: "9223372036854775808" })
        {
            Take();
            return new LiteralNode(Value.Of(long.MinValue));
        }
        return new NegateNode(Unary());
    }

    private Node Member()
    {
        var node = Primary();
        while (true)
        {
            if (TryTake("."))
            {
                var name = token.Kind == TokenKind.Name ? Take() : throw Unexpected();
                node = !TryTake("(") ? new FieldNode(node, name.Text)
                    : Macros.Names.Contains(name.Text) ? Macro(name, node)
                    : Functions.Call(lexer, name, node, List(")"));
            }
            else if (TryTake("["))
            {
                node = new IndexNode(node, Conditional());
                Expect("]");
            }
            else
            {
                return node;
            }
        }
    }

    private Node Primary()
    {
        switch (token.Kind)
        {
            case TokenKind.Int or TokenKind.Double or TokenKind.String:
                return new LiteralNode(lexer.Literal(Take()));
            case TokenKind.Name when token.Text is "true" or "false":
                return new LiteralNode(Value.Of(Take().Text == "true"));
            case TokenKind.Name when token.Text is "null":
                Take();
                return new LiteralNode(default);
            case TokenKind.Name:
                return Named();
            default:
                if (TryTake("("))
                {
                    var inner = Conditional();
                    Expect(")");
                    return inner;
                }
                if (TryTake("["))
                    return new ListNode(List("]"));
                return TryTake("{") ? Map() : throw Unexpected();
        }
    }

    private Node Named()
    {
        if (Reserved.Contains(token.Text))
            throw Unexpected();
        var name = Take();
        if (!TryTake("("))
        {
            if (!bound.Contains(name.Text))
                variables.Add(name.Text);
            return new VariableNode(name.Text);
        }
        var arguments = List(")");
        if (name.Text != "has")
            return Functions.Call(lexer, name, null, arguments);
        return arguments is [FieldNode field] ? new HasNode(field.Target, field.Name) : throw lexer.Error(name.Position, "has() wants one field, as in has(event.data.x)");
    }

    private MacroNode Macro(Token name, Node target)
    {
        var variable = token.Kind == TokenKind.Name && !Reserved.Contains(token.Text) ? Take().Text : throw Unexpected();
        Expect(",");
        bound.Push(variable);
        var body = List(")");
        bound.Pop();
        return body.Length == (name.Text == "map" && body.Length == 2 ? 2 : 1)
            ? new MacroNode(name.Text, target, variable, body)
            : throw lexer.Error(name.Position, $"{name.Text}() wants a name and an expression");
    }

    private Node[] List(string end)
    {
        var items = new List<Node>();
        while (!TryTake(end))
        {
            items.Add(Conditional());
            if (TryTake(","))
                continue;
            Expect(end);
            break;
        }
        return [.. items];
    }

    private MapNode Map()
    {
        var entries = new List<(Node, Node)>();
        while (!TryTake("}"))
        {
            var key = Conditional();
            Expect(":");
            entries.Add((key, Conditional()));
            if (TryTake(","))
                continue;
            Expect("}");
            break;
        }
        return new MapNode([.. entries]);
    }
}
