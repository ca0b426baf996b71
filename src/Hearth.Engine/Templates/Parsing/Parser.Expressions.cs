using Hearth.Engine.Templates.Ast;

namespace Hearth.Engine.Templates.Parsing;

internal sealed partial class Parser
{
    private static readonly string[] s_comparisons = ["==", "!=", "<", "<=", ">", ">="];

    private Expression ParseExpression(bool withConditional = true)
    {
        Enter();
        Expression expression = withConditional ? ParseConditional() : ParseOr();
        _depth--;
        return expression;
    }

    private Expression ParseConditional()
    {
        int line = _stream.Current.Line;
        Expression value = ParseOr();
        while (_stream.SkipName("if"))
        {
            Expression condition = ParseOr();
            Expression? other = _stream.SkipName("else") ? ParseExpression() : null;
            value = new ConditionalExpression(condition, value, other, line);
            line = _stream.Current.Line;
        }

        return value;
    }

    private Expression ParseOr()
    {
        int line = _stream.Current.Line;
        Expression left = ParseAnd();
        while (_stream.SkipName("or"))
        {
            left = new LogicalExpression(isAnd: false, left, ParseAnd(), line);
        }

        return left;
    }

    private Expression ParseAnd()
    {
        int line = _stream.Current.Line;
        Expression left = ParseNot();
        while (_stream.SkipName("and"))
        {
            left = new LogicalExpression(isAnd: true, left, ParseNot(), line);
        }

        return left;
    }

    private Expression ParseNot()
    {
        if (!_stream.Current.IsName("not"))
        {
            return ParseComparison();
        }

        int line = _stream.Take().Line;
        Enter();
        var negated = new UnaryExpression("not", ParseNot(), line);
        _depth--;
        return negated;
    }

    private Expression ParseComparison()
    {
        int line = _stream.Current.Line;
        Expression first = ParseSum();
        var rest = new List<(string, Expression)>();
        while (TakeComparison() is { } operation)
        {
            rest.Add((operation, ParseSum()));
        }

        return rest.Count == 0 ? first : new ComparisonExpression(first, [.. rest], line);
    }

    private string? TakeComparison()
    {
        Token token = _stream.Current;
        if (token.Kind == TokenKind.Operator && s_comparisons.Contains(token.Text))
        {
            return _stream.Take().Text;
        }

        if (_stream.SkipName("in"))
        {
            return "in";
        }

        if (token.IsName("not") && _stream.Next.IsName("in"))
        {
            _stream.Take();
            _stream.Take();
            return "not in";
        }

        return null;
    }

    private Expression ParseSum() => ParseBinary(ParseConcatenation, "+", "-");

    private Expression ParseConcatenation()
    {
        int line = _stream.Current.Line;
        Expression first = ParseProduct();
        if (!_stream.Current.IsOperator("~"))
        {
            return first;
        }

        var parts = new List<Expression> { first };
        while (_stream.SkipOperator("~"))
        {
            parts.Add(ParseProduct());
        }

        return new ConcatenationExpression([.. parts], line);
    }

    private Expression ParseProduct() => ParseBinary(ParsePower, "*", "/", "//", "%");

    // Unlike Python's, Jinja's power groups from the left, and a sign binds closer.
    private Expression ParsePower() => ParseBinary(() => ParseUnary(withFilters: true), "**");

    private Expression ParseBinary(Func<Expression> parseOperand, params ReadOnlySpan<string> operations)
    {
        int line = _stream.Current.Line;
        Expression left = parseOperand();
        while (_stream.Current.Kind == TokenKind.Operator && operations.Contains(_stream.Current.Text))
        {
            string operation = _stream.Take().Text;
            left = new BinaryExpression(operation, left, parseOperand(), line);
            line = _stream.Current.Line;
        }

        return left;
    }

    private Expression ParseUnary(bool withFilters)
    {
        Token token = _stream.Current;
        Expression expression;
        if (token.IsOperator("-") || token.IsOperator("+"))
        {
            _stream.Take();
            Enter();
            expression = new UnaryExpression(token.Text, ParseUnary(withFilters: false), token.Line);
            _depth--;
        }
        else
        {
            expression = ParsePrimary();
        }

        expression = ParsePostfix(expression);
        return withFilters ? ParseFilters(expression) : expression;
    }
}
