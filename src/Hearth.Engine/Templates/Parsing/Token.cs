using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Parsing;

/// <summary>The kinds of tokens.</summary>
internal enum TokenKind
{
    Data,
    VariableBegin,
    VariableEnd,
    BlockBegin,
    BlockEnd,
    Name,
    String,
    Number,
    Operator,
    End,
}

/// <summary>A token: its text (data, name, operator or string content), the value of a number, and its line.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Line, Value? Number = null)
{
    public bool IsName(string name) => Kind == TokenKind.Name && Text == name;

    public bool IsOperator(string text) => Kind == TokenKind.Operator && Text == text;

    /// <summary>How error messages name it.</summary>
    public string Describe() => Kind switch
    {
        TokenKind.Data => "template data / text",
        TokenKind.VariableBegin => "begin of print statement",
        TokenKind.VariableEnd => "end of print statement",
        TokenKind.BlockBegin => "begin of statement block",
        TokenKind.BlockEnd => "end of statement block",
        TokenKind.String => "string",
        TokenKind.Number => "number",
        TokenKind.End => "end of template",
        _ => Text,
    };
}
