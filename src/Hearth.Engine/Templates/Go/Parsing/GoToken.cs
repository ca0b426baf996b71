namespace Hearth.Engine.Templates.Go.Parsing;

/// <summary>The kinds of tokens.</summary>
internal enum GoTokenKind
{
    Text,
    ActionBegin,
    ActionEnd,
    Space,
    Assign,
    Declare,
    Pipe,
    OpenParenthesis,
    CloseParenthesis,
    Character,
    String,
    RawString,
    CharacterConstant,
    Number,
    Bool,
    Nil,
    Dot,
    Field,
    Variable,
    Identifier,
    Keyword,
    End,
}

/// <summary>A token: its text as it is written, and where it begins in the template.</summary>
internal readonly record struct GoToken(GoTokenKind Kind, string Text, int Position)
{
    public bool IsKeyword(string word) => Kind == GoTokenKind.Keyword && Text == word;

    /// <summary>How error messages name it.</summary>
    public string Describe() => Kind switch
    {
        GoTokenKind.End => "EOF",
        GoTokenKind.Keyword => $"<{Text}>",
        _ => $"\"{Text}\"",
    };
}
