using System.Text;

namespace Hearth.Engine.Tokenization;

/// <summary>
/// Turns tokens into text as they come. A character whose bytes are spread over several tokens is held back until it is complete; bytes
/// that cannot be UTF-8 become
/// U+FFFD as soon as that is certain. For one sequence, from one thread at a time.
/// </summary>
public sealed class IncrementalDecoder
{
    private readonly Tokenizer _tokenizer;
    private readonly bool _includeSpecial;
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private char[] _characters = new char[64];
    private bool _begins;

    /// <param name="tokenizer">The vocabulary.</param>
    /// <param name="includeSpecial">Whether special tokens are shown.</param>
    /// <param name="atBeginning">
    /// Whether the first token begins a text, so that the leading space that <see cref="Tokenizer.AddSpacePrefix"/> adds is removed. An
    /// answer continues a prompt: false.
    /// </param>
    public IncrementalDecoder(Tokenizer tokenizer, bool includeSpecial = false, bool atBeginning = false)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        _tokenizer = tokenizer;
        _includeSpecial = includeSpecial;
        _begins = atBeginning && (tokenizer.AddSpacePrefix || tokenizer.Kind == TokenizerKind.Wpm);
    }

    /// <summary>Takes a token.</summary>
    /// <returns>The text that is complete now; often empty.</returns>
    /// <exception cref="TokenizerException">There is no such token.</exception>
    public string Append(int token) => Append(token, _includeSpecial);

    /// <summary>As <see cref="Append(int)"/>, saying for this token whether it is shown if it is special.</summary>
    /// <exception cref="TokenizerException">There is no such token.</exception>
    public string Append(int token, bool includeSpecial)
    {
        bool hidden = _tokenizer.IsHidden(token);
        if (hidden && !includeSpecial)
        {
            return "";
        }

        ReadOnlySpan<byte> piece = _tokenizer.TokenBytes(token);
        if (_begins && (_tokenizer.AttributesOf(token) & TokenAttributes.Normal) != 0 && piece.Length > 0 && piece[0] == ' ')
        {
            piece = piece[1..];
        }

        _begins &= hidden;
        return Convert(piece, flush: false);
    }

    /// <summary>Ends the text: an incomplete character becomes U+FFFD.</summary>
    public string Flush() => Convert([], flush: true);

    private string Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        int most = Encoding.UTF8.GetMaxCharCount(bytes.Length + 3);
        if (_characters.Length < most)
        {
            _characters = new char[most];
        }

        return new string(_characters, 0, _decoder.GetChars(bytes, _characters, flush));
    }
}
