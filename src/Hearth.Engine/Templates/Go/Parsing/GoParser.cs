using Hearth.Engine.Templates.Ast;
using Hearth.Engine.Templates.Go.Ast;

namespace Hearth.Engine.Templates.Go.Parsing;

/// <summary>Reads statements with Go's grammar; the other part reads pipelines.</summary>
internal sealed partial class GoParser(string source)
{
    /// <summary>The deepest nesting of actions and parentheses.</summary>
    private const int MaxDepth = 200;

    /// <summary>The most variables that are seen at one place.</summary>
    private const int MaxVariables = 1000;

    private readonly List<GoToken> _tokens = new GoLexer(source).Tokenize();
    private readonly Dictionary<string, GoBlock> _templates = [];
    private List<string> _variables = ["$"];
    private int _position;
    private int _depth;
    private int _rangeDepth;

    /// <summary>The templates that were defined, by name.</summary>
    public IReadOnlyDictionary<string, GoBlock> Templates => _templates;

    private GoToken Current => _tokens[_position];

    public GoBlock ParseTemplate()
    {
        var nodes = new List<GoNode>();
        while (Current.Kind != GoTokenKind.End)
        {
            int start = _position;
            if (Current.Kind == GoTokenKind.ActionBegin)
            {
                Take();
                if (TakeNonSpace().IsKeyword("define"))
                {
                    ParseDefinition();
                    continue;
                }

                _position = start;
            }

            nodes.Add(ParseNode(out GoToken? end) ?? throw Error($"unexpected {{{{{end!.Value.Text}}}}}", end.Value.Position));
        }

        return new GoBlock(nodes);
    }

    /// <summary>The pipeline of a template that is one action.</summary>
    public GoPipeline ParsePipeline()
    {
        Take();
        return ParsePipeline("command", GoTokenKind.ActionEnd);
    }

    private void ParseDefinition()
    {
        GoToken name = TakeNonSpace();
        string text = ReadName(name, "define clause");
        Expect(GoTokenKind.ActionEnd, "define clause");
        Define(text, name, Isolated(() => ParseBody(allowsElse: false, out _)));
    }

    private string ReadName(GoToken token, string context) => token.Kind switch
    {
        GoTokenKind.String => GoLiterals.Text(token.Text) ?? throw Error($"invalid string {token.Text}", token.Position),
        GoTokenKind.RawString => token.Text[1..^1],
        _ => throw Unexpected(token, context),
    };

    // What is only white space and definitions does not count, and may be defined again.
    private void Define(string name, GoToken token, GoBlock body)
    {
        if (!_templates.TryGetValue(name, out GoBlock? defined) || IsBlank(defined))
        {
            _templates[name] = body;
        }
        else if (!IsBlank(body))
        {
            throw Error($"multiple definition of template \"{name}\"", token.Position);
        }
    }

    private static bool IsBlank(GoBlock body) => body.Nodes.All(node => node is GoTextNode text && string.IsNullOrWhiteSpace(text.Text));

    /// <summary>Parses a template of its own, which sees no variables and which jumps cannot leave.</summary>
    private GoBlock Isolated(Func<GoBlock> parse)
    {
        (List<string> variables, int rangeDepth) = (_variables, _rangeDepth);
        (_variables, _rangeDepth) = (["$"], 0);
        GoBlock body = parse();
        (_variables, _rangeDepth) = (variables, rangeDepth);
        return body;
    }

    /// <summary>Statements up to <c>end</c> or <c>else</c>; the rest of the <c>else</c> is still to be read.</summary>
    private GoBlock ParseBody(bool allowsElse, out bool isElse)
    {
        Enter();
        var nodes = new List<GoNode>();
        while (Current.Kind != GoTokenKind.End)
        {
            if (ParseNode(out GoToken? end) is { } node)
            {
                nodes.Add(node);
                continue;
            }

            isElse = end!.Value.Text == "else";
            if (isElse && !allowsElse)
            {
                throw Error("unexpected {{else}}", end.Value.Position);
            }

            _depth--;
            return new GoBlock(nodes);
        }

        throw Error("unexpected EOF", Current.Position);
    }

    /// <summary>A statement; null for <c>else</c> and for a whole <c>end</c>.</summary>
    private GoNode? ParseNode(out GoToken? end)
    {
        end = null;
        GoToken token = Take();
        if (token.Kind == GoTokenKind.Text)
        {
            return new GoTextNode(token.Text, token.Position);
        }

        GoToken keyword = PeekNonSpace();
        if (keyword.Kind != GoTokenKind.Keyword)
        {
            return new GoActionNode(ParsePipeline("command", GoTokenKind.ActionEnd), keyword.Position);
        }

        TakeNonSpace();
        switch (keyword.Text)
        {
            case "end":
                Expect(GoTokenKind.ActionEnd, "end");
                end = keyword;
                return null;
            case "else":
                end = keyword;
                return null;
            case "if":
            case "with":
            case "range":
                return ParseBranch(keyword);
            case "break":
            case "continue":
                return ParseJump(keyword);
            case "template":
                return ParseTemplateCall(keyword);
            case "block":
                return ParseBlock(keyword);
            default:
                throw Error($"unexpected {{{{{keyword.Text}}}}}", keyword.Position);
        }
    }

    private GoBranchNode ParseBranch(GoToken keyword)
    {
        Enter();
        int variables = _variables.Count;
        GoPipeline pipeline = ParsePipeline(keyword.Text, GoTokenKind.ActionEnd);
        _rangeDepth += keyword.Text == "range" ? 1 : 0;
        GoBlock body = ParseBody(allowsElse: true, out bool isElse);
        _rangeDepth -= keyword.Text == "range" ? 1 : 0;
        GoBlock? otherwise = isElse ? ParseElse(keyword.Text) : null;
        _variables.RemoveRange(variables, _variables.Count - variables);
        _depth--;
        return keyword.Text switch
        {
            "if" => new GoIfNode(pipeline, body, otherwise, keyword.Position),
            "with" => new GoWithNode(pipeline, body, otherwise, keyword.Position),
            _ => new GoRangeNode(pipeline, body, otherwise, keyword.Position),
        };
    }

    private GoBlock ParseElse(string statement)
    {
        GoToken next = TakeNonSpace();
        if (statement is "if" or "with" && next.IsKeyword(statement))
        {
            // 'else if' shares the 'end' of what it belongs to.
            return new GoBlock([ParseBranch(next)]);
        }

        if (next.Kind != GoTokenKind.ActionEnd)
        {
            throw Unexpected(next, "else");
        }

        return ParseBody(allowsElse: false, out _);
    }

    private GoJumpNode ParseJump(GoToken keyword)
    {
        Expect(GoTokenKind.ActionEnd, $"{{{{{keyword.Text}}}}}");
        return _rangeDepth > 0
            ? new GoJumpNode(keyword.Text == "break" ? Completion.Break : Completion.Continue, keyword.Position)
            : throw Error($"{{{{{keyword.Text}}}}} outside {{{{range}}}}", keyword.Position);
    }

    private GoTemplateNode ParseTemplateCall(GoToken keyword)
    {
        string name = ReadName(TakeNonSpace(), "template clause");
        if (PeekNonSpace().Kind == GoTokenKind.ActionEnd)
        {
            TakeNonSpace();
            return new GoTemplateNode(name, null, keyword.Position);
        }

        return new GoTemplateNode(name, ParsePipeline("template clause", GoTokenKind.ActionEnd), keyword.Position);
    }

    private GoTemplateNode ParseBlock(GoToken keyword)
    {
        GoToken token = TakeNonSpace();
        string name = ReadName(token, "block clause");
        GoPipeline pipeline = ParsePipeline("block clause", GoTokenKind.ActionEnd);
        Define(name, token, Isolated(() => ParseBody(allowsElse: false, out _)));
        return new GoTemplateNode(name, pipeline, keyword.Position);
    }

    private GoToken Take()
    {
        GoToken token = Current;
        _position = Math.Min(_position + 1, _tokens.Count - 1);
        return token;
    }

    private GoToken TakeNonSpace()
    {
        SkipSpace();
        return Take();
    }

    private GoToken PeekNonSpace()
    {
        SkipSpace();
        return Current;
    }

    private void SkipSpace()
    {
        while (Current.Kind == GoTokenKind.Space)
        {
            _position++;
        }
    }

    private void Expect(GoTokenKind kind, string context)
    {
        GoToken token = TakeNonSpace();
        if (token.Kind != kind)
        {
            throw Unexpected(token, context);
        }
    }

    private void Enter()
    {
        if (++_depth > MaxDepth)
        {
            throw GoPlace.Mark(
                TemplateException.Budget($"The template nests actions or parentheses more than {MaxDepth} deep."), source, Current.Position);
        }
    }

    private TemplateException Unexpected(GoToken token, string context) =>
        Error($"unexpected {token.Describe()} in {context}", token.Position);

    private TemplateException Error(string message, int position) =>
        GoPlace.Mark(new TemplateException(TemplateErrorKind.Syntax, message), source, position);
}
