namespace Hearth.Engine.Tokenization;

/// <summary>What a token is. The file gives one kind (<c>tokenizer.ggml.token_type</c>); a control-looking text adds
/// <see cref="Control"/>.</summary>
[Flags]
public enum TokenAttributes
{
    /// <summary>No kind is known: such a token is never written.</summary>
    None = 0,

    /// <summary>Stands for text that the vocabulary cannot express.</summary>
    Unknown = 1,

    /// <summary>Not used.</summary>
    Unused = 2,

    /// <summary>Text.</summary>
    Normal = 4,

    /// <summary>Structure, not text: hidden unless asked for, and recognised in a prompt only where specials are allowed.</summary>
    Control = 8,

    /// <summary>Text that is never split, and is recognised before anything else.</summary>
    UserDefined = 16,

    /// <summary>One byte, <c>&lt;0xXX&gt;</c>.</summary>
    Byte = 32,

    /// <summary>White space to the left of the token belongs to it.</summary>
    StripLeft = 64,

    /// <summary>White space to the right of the token belongs to it.</summary>
    StripRight = 128,
}
