using System.Text;
using Hearth.Engine.Templates.Ast;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Parsing;

internal sealed partial class Parser
{
    private Expression ParsePrimary()
    {
        Token token = _stream.Take();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return ParseName(token);
            case TokenKind.String:
                return ParseStrings(token);
            case TokenKind.Number:
                return new ConstantExpression(token.Number!, token.Line);
            case TokenKind.Operator when token.Text == "(":
                Expression inner = ParseTuple(explicitParentheses: true);
                _stream.ExpectOperator(")");
                return inner;
            case TokenKind.Operator when token.Text == "[":
                return new SequenceExpression([.. ParseItems("]")], isTuple: false, token.Line);
            case TokenKind.Operator when token.Text == "{":
                return ParseDict(token.Line);
            default:
                throw _stream.Error($"unexpected '{token.Describe()}'", token.Line);
        }
    }

    private ConstantExpression ParseStrings(Token first)
    {
        var text = new StringBuilder(first.Text);
        while (_stream.Current.Kind == TokenKind.String)
        {
            text.Append(_stream.Take().Text);
        }

        return new ConstantExpression(StringValue.FromTemplate(text.ToString()), first.Line);
    }

    private Expression ParseName(Token token)
    {
        switch (token.Text)
        {
            case "true" or "True":
                return new ConstantExpression(BoolValue.True, token.Line);
            case "false" or "False":
                return new ConstantExpression(BoolValue.False, token.Line);
            case "none" or "None":
                return new ConstantExpression(NoneValue.Instance, token.Line);
            default:
                _usedNames.Add(token.Text);
                return new NameExpression(token.Text, token.Line);
        }
    }

    private List<Expression> ParseItems(string close)
    {
        var items = new List<Expression>();
        while (!_stream.SkipOperator(close))
        {
            if (items.Count > 0)
            {
                _stream.ExpectOperator(",");
                if (_stream.SkipOperator(close))
                {
                    break;
                }
            }

            items.Add(ParseExpression());
        }

        return items;
    }

    private DictExpression ParseDict(int line)
    {
        var entries = new List<KeyValuePair<Expression, Expression>>();
        while (!_stream.SkipOperator("}"))
        {
            if (entries.Count > 0)
            {
                _stream.ExpectOperator(",");
                if (_stream.SkipOperator("}"))
                {
                    break;
                }
            }

            Expression key = ParseExpression();
            _stream.ExpectOperator(":");
            entries.Add(KeyValuePair.Create(key, ParseExpression()));
        }

        return new DictExpression([.. entries], line);
    }

    /// <summary>An expression, or a tuple when there are commas.</summary>
    private Expression ParseTuple(bool withConditional = true, bool explicitParentheses = false, string? endName = null)
    {
        int line = _stream.Current.Line;
        var items = new List<Expression>();
        bool isTuple = false;
        while (!IsTupleEnd(endName))
        {
            items.Add(ParseExpression(withConditional));
            if (!_stream.SkipOperator(","))
            {
                break;
            }

            isTuple = true;
        }

        if (!isTuple && items.Count == 1)
        {
            return items[0];
        }

        return isTuple || explicitParentheses
            ? new SequenceExpression([.. items], isTuple: true, line)
            : throw _stream.Error($"Expected an expression, got '{_stream.Current.Describe()}'");
    }

    private bool IsTupleEnd(string? endName) =>
        _stream.Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd
        || _stream.Current.IsOperator(")")
        || (endName is not null && _stream.Current.IsName(endName));

    private Expression ParsePostfix(Expression expression)
    {
        while (true)
        {
            Token token = _stream.Current;
            if (token.IsOperator("."))
            {
                _stream.Take();
                expression = ParseAttribute(expression, token.Line);
            }
            else if (token.IsOperator("["))
            {
                _stream.Take();
                expression = ParseSubscript(expression, token.Line);
            }
            else if (token.IsOperator("("))
            {
                expression = new CallExpression(expression, ParseArguments(), token.Line);
            }
            else
            {
                return expression;
            }
        }
    }

    private Expression ParseAttribute(Expression target, int line)
    {
        Token name = _stream.Take();
        return name.Kind switch
        {
            TokenKind.Name => new AttributeExpression(target, name.Text, line),
            TokenKind.Number when name.Number is IntValue => new ItemExpression(target, new ConstantExpression(name.Number, line), line),
            _ => throw _stream.Error("expected name or number", name.Line),
        };
    }

    private Expression ParseSubscript(Expression target, int line)
    {
        Expression? start = _stream.Current.IsOperator(":") ? null : ParseExpression();
        if (!_stream.SkipOperator(":"))
        {
            if (_stream.SkipOperator("]"))
            {
                return new ItemExpression(target, start!, line);
            }

            _stream.ExpectOperator(",");
            var keys = new List<Expression> { start! };
            keys.AddRange(ParseItems("]"));
            return new ItemExpression(target, new SequenceExpression([.. keys], isTuple: true, line), line);
        }

        Expression? stop = _stream.Current.IsOperator(":") || _stream.Current.IsOperator("]") ? null : ParseExpression();
        Expression? step = _stream.SkipOperator(":") && !_stream.Current.IsOperator("]") ? ParseExpression() : null;
        _stream.ExpectOperator("]");
        return new SliceExpression(target, start, stop, step, line);
    }

    private Expression ParseFilters(Expression expression)
    {
        while (true)
        {
            Token token = _stream.Current;
            if (token.IsOperator("|"))
            {
                _stream.Take();
                expression = ParseFilter(expression);
            }
            else if (token.IsName("is"))
            {
                _stream.Take();
                expression = ParseTest(expression, token.Line);
            }
            else if (token.IsOperator("("))
            {
                expression = new CallExpression(expression, ParseArguments(), token.Line);
            }
            else
            {
                return expression;
            }
        }
    }

    private FilterExpression ParseFilter(Expression? operand)
    {
        int line = _stream.Current.Line;
        string name = ParseDottedName();
        ArgumentList arguments = _stream.Current.IsOperator("(") ? ParseArguments() : ArgumentList.None;
        return new FilterExpression(operand, name, arguments, line);
    }

    private string ParseDottedName()
    {
        string name = _stream.Expect(TokenKind.Name).Text;
        while (_stream.SkipOperator("."))
        {
            name += "." + _stream.Expect(TokenKind.Name).Text;
        }

        return name;
    }

    private Expression ParseTest(Expression operand, int line)
    {
        bool isNegated = _stream.SkipName("not");
        string name = ParseDottedName();
        ArgumentList arguments = ArgumentList.None;
        Token token = _stream.Current;
        if (token.IsOperator("("))
        {
            arguments = ParseArguments();
        }
        else if (token.IsName("is"))
        {
            throw _stream.Error("You cannot chain multiple tests with is");
        }
        else if (IsTestArgument(token))
        {
            Enter();
            arguments = new ArgumentList([ParsePostfix(ParsePrimary())], [], null, null);
            _depth--;
        }

        Expression test = new TestExpression(operand, name, arguments, line);
        return isNegated ? new UnaryExpression("not", test, line) : test;
    }

    private static bool IsTestArgument(Token token) => token.Kind switch
    {
        TokenKind.Name => token.Text is not ("else" or "or" or "and"),
        TokenKind.String or TokenKind.Number => true,
        _ => token.IsOperator("[") || token.IsOperator("{"),
    };

    private ArgumentList ParseArguments()
    {
        int line = _stream.Current.Line;
        _stream.ExpectOperator("(");
        var positional = new List<Expression>();
        var named = new List<KeyValuePair<string, Expression>>();
        Expression? morePositional = null;
        Expression? moreNamed = null;
        while (!_stream.SkipOperator(")"))
        {
            if (positional.Count + named.Count > 0 || morePositional is not null || moreNamed is not null)
            {
                _stream.ExpectOperator(",");
                if (_stream.SkipOperator(")"))
                {
                    break;
                }
            }

            bool isValid = moreNamed is null;
            if (_stream.SkipOperator("*"))
            {
                isValid &= morePositional is null;
                morePositional = ParseExpression();
            }
            else if (_stream.SkipOperator("**"))
            {
                moreNamed = ParseExpression();
            }
            else if (_stream.Current.Kind == TokenKind.Name && _stream.Next.IsOperator("="))
            {
                string name = _stream.Take().Text;
                _stream.Take();
                named.Add(KeyValuePair.Create(name, ParseExpression()));
            }
            else
            {
                isValid &= morePositional is null && named.Count == 0;
                positional.Add(ParseExpression());
            }

            if (!isValid)
            {
                throw _stream.Error("invalid syntax for function call expression", line);
            }
        }

        return new ArgumentList([.. positional], [.. named], morePositional, moreNamed);
    }
}
