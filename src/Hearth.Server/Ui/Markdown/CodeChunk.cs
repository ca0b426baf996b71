namespace Hearth.Server.Ui.Markdown;

/// <summary>What a piece of code is.</summary>
public enum CodeKind
{
    /// <summary>Nothing special.</summary>
    Plain,

    /// <summary>A word of the language.</summary>
    Keyword,

    /// <summary>A text, with its quotes.</summary>
    Text,

    /// <summary>A comment.</summary>
    Comment,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A name that is called, or the name of a property.</summary>
    Name,
}

/// <summary>A piece of code.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The code.</param>
public readonly record struct CodePiece(CodeKind Kind, string Text);

/// <summary>Whether a line begins within something that an earlier line has begun: the text that ends it, or null.</summary>
/// <param name="Kind">What it is within.</param>
/// <param name="End">What ends it.</param>
public readonly record struct CodeState(CodeKind Kind, string? End)
{
    /// <summary>Within nothing.</summary>
    public static CodeState Code { get; } = new(CodeKind.Plain, null);
}

/// <summary>Some lines of code, read.</summary>
public sealed class CodeChunk
{
    private const int MaxPieces = 4096;

    private CodeChunk(CodeLanguage language, string text, CodeState before, CodeState after, IReadOnlyList<CodePiece> pieces)
    {
        Language = language;
        Text = text;
        Before = before;
        After = after;
        Pieces = pieces;
    }

    /// <summary>The code.</summary>
    public string Text { get; }

    /// <summary>Its pieces, which make the whole of it.</summary>
    public IReadOnlyList<CodePiece> Pieces { get; }

    internal CodeLanguage Language { get; }

    internal CodeState Before { get; }

    internal CodeState After { get; }

    internal static CodeChunk Read(CodeLanguage language, string text, CodeState before)
    {
        List<CodePiece> pieces = [];
        CodeState state = before;
        int position = 0, plain = 0;
        while (position < text.Length && pieces.Count < MaxPieces)
        {
            (CodeKind kind, int length) = language.Next(text, position, ref state);
            if (kind != CodeKind.Plain)
            {
                Flush(position);
                pieces.Add(new CodePiece(kind, text.Substring(position, length)));
                plain = position + length;
            }

            position += length;
        }

        Flush(text.Length);
        return new CodeChunk(language, text, before, state, pieces);

        void Flush(int end)
        {
            if (end > plain)
            {
                pieces.Add(new CodePiece(CodeKind.Plain, text[plain..end]));
            }
        }
    }
}
