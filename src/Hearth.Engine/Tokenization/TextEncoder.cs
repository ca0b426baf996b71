using System.Buffers;
using Hearth.Engine.Tokenization.Unicode;

namespace Hearth.Engine.Tokenization;

/// <summary>Turns text without special tokens into tokens.</summary>
internal abstract class TextEncoder
{
    /// <summary>Appends the tokens of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="begins">Whether it begins the prompt or follows a special token.</param>
    /// <param name="buffers">Memory to work with, for this thread only.</param>
    /// <param name="tokens">Gets the tokens.</param>
    public abstract void Encode(ReadOnlySpan<char> text, bool begins, EncodeBuffers buffers, List<int> tokens);
}

/// <summary>Memory that the encoding of one prompt uses again and again.</summary>
internal sealed class EncodeBuffers
{
    private byte[] _bytes = [];

    /// <summary>The merging of pairs.</summary>
    public PairMerger Merger { get; } = new();

    /// <summary>The text as code points.</summary>
    public CodePointText Text { get; } = new();

    /// <summary>Ends of words.</summary>
    public List<int> Ends { get; } = [];

    /// <summary>Ends of words, of another step.</summary>
    public List<int> SpareEnds { get; } = [];

    /// <summary>A text after it was normalised.</summary>
    public ArrayBufferWriter<byte> Normalized { get; } = new();

    /// <summary>The work of what is not merging, in places looked at.</summary>
    public long Steps { get; set; }

    /// <summary>A text in UTF-8, in <see cref="Bytes"/>; a lone surrogate is U+FFFD.</summary>
    public ReadOnlySpan<byte> Utf8(ReadOnlySpan<char> text)
    {
        byte[] bytes = Bytes(checked(text.Length * Utf8Text.MaxBytesPerChar));
        System.Text.Unicode.Utf8.FromUtf16(text, bytes, out _, out int written, replaceInvalidSequences: true);
        return bytes.AsSpan(0, written);
    }

    /// <summary>At least so many bytes; what they were is lost.</summary>
    public byte[] Bytes(int count)
    {
        if (_bytes.Length < count)
        {
            _bytes = new byte[Math.Max(count, (int)Math.Min(Array.MaxLength, 2L * _bytes.Length))];
        }

        return _bytes;
    }
}
