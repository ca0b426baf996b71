namespace Hearth.Engine.Tokenization.Unicode;

/// <summary>The major general category of a code point, as one bit, and whether it is white space (property White_Space).</summary>
[Flags]
internal enum CharacterClass : ushort
{
    /// <summary>Outside the text.</summary>
    None = 0,

    /// <summary>Not assigned (Cn).</summary>
    Undefined = 0x01,

    /// <summary>Numbers, <c>\p{N}</c>.</summary>
    Number = 0x02,

    /// <summary>Letters, <c>\p{L}</c>.</summary>
    Letter = 0x04,

    /// <summary>Separators, <c>\p{Z}</c>.</summary>
    Separator = 0x08,

    /// <summary>Marks, <c>\p{M}</c>.</summary>
    Mark = 0x10,

    /// <summary>Punctuation, <c>\p{P}</c>.</summary>
    Punctuation = 0x20,

    /// <summary>Symbols, <c>\p{S}</c>.</summary>
    Symbol = 0x40,

    /// <summary>Control, format, private use and surrogate code points.</summary>
    Control = 0x80,

    /// <summary>White space, <c>\s</c>.</summary>
    WhiteSpace = 0x100,
}
