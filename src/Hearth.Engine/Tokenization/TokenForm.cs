namespace Hearth.Engine.Tokenization;

/// <summary>How the file writes the tokens' texts.</summary>
internal enum TokenForm
{
    /// <summary>As they are, with U+2581 for spaces.</summary>
    EscapedSpaces,

    /// <summary>In GPT-2's printable alphabet for bytes.</summary>
    ByteAlphabet,

    /// <summary>With the escapes of Python's byte strings.</summary>
    Backslashes,

    /// <summary>As they are.</summary>
    Plain,
}
