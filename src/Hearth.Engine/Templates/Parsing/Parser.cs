using Hearth.Engine.Templates.Ast;

namespace Hearth.Engine.Templates.Parsing;

/// <summary>Reads statements and expressions with Jinja's grammar.</summary>
internal sealed partial class Parser(List<Token> tokens)
{
    /// <summary>The deepest nesting of blocks and parentheses.</summary>
    private const int MaxDepth = 200;

    private readonly TokenStream _stream = new(tokens);
    private readonly Stack<string> _openTags = [];
    private int _depth;
    private int _loopDepth;

    // The names that were read since the innermost macro began; a macro takes more arguments when it reads 'varargs' or 'kwargs'.
    private HashSet<string> _usedNames = [];

    public Block ParseTemplate()
    {
        Block body = ParseBody();
        return _stream.Current.Kind == TokenKind.End ? body : throw _stream.Error($"unexpected '{_stream.Current.Describe()}'");
    }

    /// <summary>Statements up to one of the end tags, whose name stays the current token.</summary>
    private Block ParseBody(params ReadOnlySpan<string> endTags)
    {
        Enter();
        var statements = new List<Statement>();
        while (_stream.Current.Kind != TokenKind.End)
        {
            Token token = _stream.Take();
            switch (token.Kind)
            {
                case TokenKind.Data:
                    statements.Add(new TextStatement(token.Text, token.Line));
                    break;
                case TokenKind.VariableBegin:
                    statements.Add(new OutputStatement(ParseTuple(), token.Line));
                    _stream.Expect(TokenKind.VariableEnd);
                    break;
                default:
                    if (_stream.Current.Kind == TokenKind.Name && endTags.Contains(_stream.Current.Text))
                    {
                        _depth--;
                        return new Block([.. statements]);
                    }

                    statements.Add(ParseStatement(endTags));
                    _stream.Expect(TokenKind.BlockEnd);
                    break;
            }
        }

        if (endTags.Length > 0)
        {
            throw _stream.Error($"Unexpected end of template.{Looking(endTags)}{InnermostTag()}");
        }

        _depth--;
        return new Block([.. statements]);
    }

    /// <summary>The body of a tag that was just read, up to an end tag that is taken too.</summary>
    private Block ParseTagBody(string endTag)
    {
        Block body = ParseTagBodyUntil(endTag);
        _stream.Take();
        return body;
    }

    private Block ParseTagBodyUntil(params ReadOnlySpan<string> endTags)
    {
        _stream.SkipOperator(":");
        _stream.Expect(TokenKind.BlockEnd);
        return ParseBody(endTags);
    }

    private Statement ParseStatement(ReadOnlySpan<string> endTags)
    {
        Token token = _stream.Current.Kind == TokenKind.Name
            ? _stream.Take()
            : throw _stream.Error("tag name expected");
        _openTags.Push(token.Text);
        Statement statement = token.Text switch
        {
            "if" => ParseIf(token.Line),
            "for" => ParseFor(token.Line),
            "set" => ParseSet(token.Line),
            "macro" => ParseMacro(token.Line),
            "call" => ParseCall(token.Line),
            "filter" => ParseFilterBlock(token.Line),
            "with" => ParseWith(token.Line),
            "block" => ParseNamedBlock(token.Line),
            "print" => ParsePrint(token.Line),
            "autoescape" => ParseAutoescape(token.Line),
            "generation" => Isolated(() => new ScopeStatement([], ParseTagBody("endgeneration"), isolated: false, token.Line)),
            "break" or "continue" => ParseJump(token),
            "include" or "import" or "from" or "extends" =>
                throw _stream.Error($"The statement '{token.Text}' is not supported: a chat template is one file.", token.Line),
            _ => throw UnknownTag(token, endTags),
        };
        _openTags.Pop();
        return statement;
    }

    private TemplateException UnknownTag(Token token, ReadOnlySpan<string> endTags)
    {
        _openTags.Pop();
        return _stream.Error($"Encountered unknown tag '{token.Text}'.{Looking(endTags)}{InnermostTag()}", token.Line);
    }

    private string InnermostTag() =>
        _openTags.TryPeek(out string? tag) ? $" The innermost block that needs to be closed is '{tag}'." : string.Empty;

    private static string Looking(ReadOnlySpan<string> tags) => tags.Length == 0
        ? string.Empty
        : $" Jinja was looking for the following tags: {string.Join(" or ", tags.ToArray().Select(tag => $"'{tag}'"))}.";

    private IfStatement ParseIf(int line)
    {
        var branches = new List<(Expression, Block)>();
        Block? otherwise = null;
        while (true)
        {
            Expression condition = ParseTuple(withConditional: false);
            branches.Add((condition, ParseTagBodyUntil("elif", "else", "endif")));
            string tag = _stream.Take().Text;
            if (tag == "elif")
            {
                continue;
            }

            otherwise = tag == "else" ? ParseTagBody("endif") : null;
            return new IfStatement([.. branches], otherwise, line);
        }
    }

    private ForStatement ParseFor(int line)
    {
        Target target = ParseTarget(endName: "in");
        _stream.ExpectName("in");
        Expression iterable = ParseTuple(withConditional: false, endName: "recursive");
        Expression? filter = _stream.SkipName("if") ? ParseExpression() : null;
        bool isRecursive = _stream.SkipName("recursive");
        _loopDepth++;
        Block body = ParseTagBodyUntil("endfor", "else");
        _loopDepth--;
        Block? otherwise = _stream.Take().Text == "else" ? ParseTagBody("endfor") : null;
        return new ForStatement(target, iterable, filter, isRecursive, body, otherwise, line);
    }

    private JumpStatement ParseJump(Token token) => _loopDepth > 0
        ? new JumpStatement(token.Text == "break" ? Completion.Break : Completion.Continue, token.Line)
        : throw _stream.Error($"'{token.Text}' outside of a loop", token.Line);

    private Statement ParseSet(int line)
    {
        Target target = _stream.Next.IsOperator(".") ? ParseNamespaceTarget() : ParseTarget(endName: null);
        if (_stream.SkipOperator("="))
        {
            return new SetStatement(target, ParseTuple(), line);
        }

        FilterExpression? filter = null;
        while (_stream.SkipOperator("|"))
        {
            filter = ParseFilter(filter);
        }

        Block body = ParseTagBody("endset");
        return new SetBlockStatement(target, filter, body, line);
    }

    private NamespaceTarget ParseNamespaceTarget()
    {
        string name = _stream.Expect(TokenKind.Name).Text;
        _stream.ExpectOperator(".");
        return new NamespaceTarget(name, _stream.Expect(TokenKind.Name).Text);
    }

    private Target ParseTarget(string? endName)
    {
        int line = _stream.Current.Line;
        var targets = new List<Target>();
        bool isTuple = false;
        while (!IsTupleEnd(endName) && !_stream.Current.IsOperator("="))
        {
            targets.Add(ParseSingleTarget(endName));
            if (!_stream.SkipOperator(","))
            {
                break;
            }

            isTuple = true;
        }

        return isTuple ? new TupleTarget([.. targets])
            : targets.Count == 1 ? targets[0]
            : throw _stream.Error($"Expected an expression, got '{_stream.Current.Describe()}'", line);
    }

    private Target ParseSingleTarget(string? endName)
    {
        Token token = _stream.Take();
        if (token.IsOperator("("))
        {
            Enter();
            Target inner = ParseTarget(endName: null);
            _stream.ExpectOperator(")");
            _depth--;
            return inner;
        }

        if (endName == "in" && token.IsName("loop"))
        {
            throw _stream.Error("Can't assign to special loop variable in for-loop target", token.Line);
        }

        return token.Kind == TokenKind.Name && !IsConstant(token.Text)
            ? new NameTarget(token.Text)
            : throw _stream.Error($"can't assign to '{token.Describe()}'", token.Line);
    }

    private static bool IsConstant(string name) => name is "true" or "false" or "none" or "True" or "False" or "None";

    private MacroStatement ParseMacro(int line)
    {
        string name = ParseTargetName();
        return Isolated(() => new MacroStatement(ParseDefinition(name, ParseSignature(), "endmacro"), line));
    }

    private CallStatement ParseCall(int line)
    {
        (string, Expression?)[] signature = _stream.Current.IsOperator("(") ? ParseSignature() : [];
        if (ParseExpression() is not CallExpression call)
        {
            throw _stream.Error("expected call", line);
        }

        return Isolated(() => new CallStatement(ParseDefinition(null, signature, "endcall"), call, line));
    }

    private MacroDefinition ParseDefinition(string? name, (string Name, Expression? Default)[] parameters, string endTag)
    {
        HashSet<string> outer = _usedNames;
        _usedNames = [];
        Block body = ParseTagBody(endTag);
        var definition = new MacroDefinition(
            name, parameters, body, Uses("varargs"), Uses("kwargs"), Uses("caller"));
        outer.UnionWith(_usedNames);
        _usedNames = outer;
        return definition.UsesCaller && parameters.Any(p => p is { Name: "caller", Default: null })
            ? throw _stream.Error(
                "When defining macros or call blocks the special \"caller\" argument must be omitted or be given a default.")
            : definition;

        bool Uses(string special) => _usedNames.Contains(special) && parameters.All(p => p.Name != special || special == "caller");
    }

    private (string Name, Expression? Default)[] ParseSignature()
    {
        var parameters = new List<(string Name, Expression? Default)>();
        _stream.ExpectOperator("(");
        while (!_stream.SkipOperator(")"))
        {
            if (parameters.Count > 0)
            {
                _stream.ExpectOperator(",");
            }

            string name = ParseTargetName();
            Expression? fallback = _stream.SkipOperator("=") ? ParseExpression() : null;
            if (fallback is null && parameters is [.., { Default: not null }])
            {
                throw _stream.Error("non-default argument follows default argument");
            }

            parameters.Add((name, fallback));
        }

        return [.. parameters];
    }

    private string ParseTargetName()
    {
        Token token = _stream.Expect(TokenKind.Name);
        return IsConstant(token.Text) ? throw _stream.Error($"can't assign to '{token.Text}'", token.Line) : token.Text;
    }

    private FilterStatement ParseFilterBlock(int line)
    {
        FilterExpression filter = ParseFilter(null);
        while (_stream.SkipOperator("|"))
        {
            filter = ParseFilter(filter);
        }

        return new FilterStatement(filter, ParseTagBody("endfilter"), line);
    }

    private ScopeStatement ParseWith(int line)
    {
        var variables = new List<KeyValuePair<Target, Expression>>();
        while (_stream.Current.Kind != TokenKind.BlockEnd)
        {
            if (variables.Count > 0)
            {
                _stream.ExpectOperator(",");
            }

            Target target = ParseTarget(endName: null);
            _stream.ExpectOperator("=");
            variables.Add(KeyValuePair.Create(target, ParseExpression()));
        }

        return new ScopeStatement([.. variables], ParseTagBody("endwith"), isolated: false, line);
    }

    private ScopeStatement ParsePrint(int line)
    {
        var values = new List<Statement>();
        while (_stream.Current.Kind != TokenKind.BlockEnd)
        {
            if (values.Count > 0)
            {
                _stream.ExpectOperator(",");
            }

            values.Add(new OutputStatement(ParseExpression(), line));
        }

        return new ScopeStatement([], new Block([.. values]), isolated: false, line);
    }

    private ScopeStatement ParseAutoescape(int line)
    {
        if (!_stream.SkipName("false") && !_stream.SkipName("False"))
        {
            throw _stream.Error("'autoescape' can only be false: a chat template is plain text.", line);
        }

        return new ScopeStatement([], ParseTagBody("endautoescape"), isolated: false, line);
    }

    private ScopeStatement ParseNamedBlock(int line)
    {
        string name = _stream.Expect(TokenKind.Name).Text;
        bool isScoped = _stream.SkipName("scoped");
        if (_stream.SkipName("required"))
        {
            throw _stream.Error($"Required block '{name}' not found", line);
        }

        ScopeStatement block = Isolated(() => new ScopeStatement([], ParseTagBody("endblock"), isolated: !isScoped, line));
        _stream.SkipName(name);
        return block;
    }

    /// <summary>Parses a body that jumps cannot leave.</summary>
    private T Isolated<T>(Func<T> parse)
    {
        int loopDepth = _loopDepth;
        _loopDepth = 0;
        T result = parse();
        _loopDepth = loopDepth;
        return result;
    }

    private void Enter()
    {
        if (++_depth > MaxDepth)
        {
            throw new TemplateException(
                TemplateErrorKind.Budget, $"The template nests blocks or parentheses more than {MaxDepth} deep.", _stream.Current.Line);
        }
    }
}
