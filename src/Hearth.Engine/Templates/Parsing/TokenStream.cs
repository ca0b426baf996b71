namespace Hearth.Engine.Templates.Parsing;

/// <summary>The tokens, one by one.</summary>
internal sealed class TokenStream(List<Token> tokens)
{
    private int _position;

    public Token Current => tokens[_position];

    public Token Next => tokens[Math.Min(_position + 1, tokens.Count - 1)];

    /// <summary>Takes the current token.</summary>
    public Token Take()
    {
        Token token = Current;
        _position = Math.Min(_position + 1, tokens.Count - 1);
        return token;
    }

    public bool SkipName(string name) => Skip(Current.IsName(name));

    public bool SkipOperator(string text) => Skip(Current.IsOperator(text));

    public Token Expect(TokenKind kind) => Current.Kind == kind
        ? Take()
        : throw Unexpected(new Token(kind, kind.ToString().ToLowerInvariant(), 0).Describe());

    public Token ExpectName(string name) => Current.IsName(name) ? Take() : throw Unexpected(name);

    public void ExpectOperator(string text)
    {
        if (!SkipOperator(text))
        {
            throw Unexpected(text);
        }
    }

    public TemplateException Error(string message, int? line = null) => new(TemplateErrorKind.Syntax, message, line ?? Current.Line);

    private bool Skip(bool condition)
    {
        if (condition)
        {
            Take();
        }

        return condition;
    }

    private TemplateException Unexpected(string expected) => Current.Kind == TokenKind.End
        ? Error($"unexpected end of template, expected '{expected}'.")
        : Error($"expected token '{expected}', got '{Current.Describe()}'");
}
