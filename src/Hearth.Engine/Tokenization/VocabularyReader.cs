using System.Globalization;
using Hearth.Engine.Gguf;

namespace Hearth.Engine.Tokenization;

/// <summary>Reads the tokens and the merges of a file.</summary>
internal static class VocabularyReader
{
    /// <summary>The most bytes that a token may have.</summary>
    public const int MaxTokenBytes = 1 << 16;

    /// <summary>The most tokens that a vocabulary may have.</summary>
    public const int MaxTokens = 1 << 24;

    private const string TokensKey = "tokenizer.ggml.tokens";
    private const string TypesKey = "tokenizer.ggml.token_type";
    private const string ScoresKey = "tokenizer.ggml.scores";
    private const string EscapedSpace = "\u2581";
    private const int ByteTextLength = 6;
    private const TokenAttributes Shown = TokenAttributes.Control | TokenAttributes.Unknown | TokenAttributes.UserDefined;

    /// <summary>The tokens' texts; an empty one gets a name of its own.</summary>
    public static string[] ReadTexts(GgufMetadata metadata)
    {
        IReadOnlyList<string> read = metadata.GetStrings(TokensKey) ?? throw TokenizerException.MissingKey(TokensKey);
        if (read.Count is 0 or > MaxTokens)
        {
            throw TokenizerException.VocabularySize(read.Count, MaxTokens);
        }

        string[] texts = read as string[] ?? [.. read];
        bool copied = false;
        for (int id = 0; id < texts.Length; id++)
        {
            if (texts[id].Length > MaxTokenBytes)
            {
                throw TokenizerException.TokenTooLong(id, texts[id].Length, MaxTokenBytes);
            }

            if (texts[id].Length == 0)
            {
                texts = copied ? texts : [.. texts];
                copied = true;
                texts[id] = string.Create(CultureInfo.InvariantCulture, $"[EMPTY_{id}]");
            }
        }

        return texts;
    }

    /// <summary>What each token is, as the file says.</summary>
    public static TokenAttributes[] ReadAttributes(GgufMetadata metadata, int count)
    {
        TokenAttributes[] attributes = new TokenAttributes[count];
        if (metadata.GetIntegers(TypesKey) is not int[] types)
        {
            Array.Fill(attributes, TokenAttributes.Normal);
            return attributes;
        }

        if (types.Length != count)
        {
            throw TokenizerException.LengthMismatch(TypesKey, types.Length, count);
        }

        for (int i = 0; i < count; i++)
        {
            attributes[i] = types[i] switch
            {
                1 => TokenAttributes.Normal,
                2 => TokenAttributes.Unknown,
                3 => TokenAttributes.Control,
                4 => TokenAttributes.UserDefined,
                5 => TokenAttributes.Unused,
                6 => TokenAttributes.Byte,
                _ => TokenAttributes.None,
            };
        }

        return attributes;
    }

    /// <summary>The tokens, with their look-up.</summary>
    /// <param name="metadata">The file's metadata.</param>
    /// <param name="texts">The tokens' texts.</param>
    /// <param name="attributes">What they are.</param>
    /// <param name="fileControls">Those that the file marks as control.</param>
    /// <param name="form">How the texts are written.</param>
    /// <param name="marksAfter">The token after which <see cref="DnaEncoder.Mark"/> at the end of a token is not written.</param>
    public static Vocabulary Read(GgufMetadata metadata, string[] texts, TokenAttributes[] attributes, HashSet<int> fileControls,
        TokenForm form, int marksAfter)
    {
        bool byteAlphabet = form == TokenForm.ByteAlphabet;
        int characters = 0;
        foreach (string text in texts)
        {
            characters = checked(characters + text.Length);
        }

        ByteStringTable matches = new(texts.Length, (int)Math.Min(Array.MaxLength, (long)characters * 5 / 4));
        Dictionary<string, int> others = new(StringComparer.Ordinal);
        PieceWriter pieces = new(texts.Length, characters, form);
        byte[] buffer = new byte[MaxTokenBytes * Utf8Text.MaxBytesPerChar];
        for (int id = 0; id < texts.Length; id++)
        {
            string text = texts[id];
            bool decoded = byteAlphabet && GptBytes.TryDecode(text, buffer);
            int length = decoded ? text.Length : Utf8Text.Encode(text, buffer);
            if (length > MaxTokenBytes)
            {
                throw TokenizerException.TokenTooLong(id, length, MaxTokenBytes);
            }

            // See Vocabulary.IsText; what is RWKV's may read the same after its escapes.
            bool isText = (attributes[id] & (TokenAttributes.Control | TokenAttributes.Unknown | TokenAttributes.Byte)) == 0
                && !fileControls.Contains(id);
            int same = isText && decoded == byteAlphabet && form != TokenForm.Backslashes ? matches.GetOrAdd(buffer.AsSpan(0, length), id)
                : others.TryAdd(text, id) ? id : others[text];
            if (same != id)
            {
                throw TokenizerException.DuplicateToken(text, same, id);
            }

            bool marked = id > marksAfter && text.EndsWith(DnaEncoder.Mark, StringComparison.Ordinal);
            pieces.Add(marked ? text[..^DnaEncoder.Mark.Length] : text, attributes[id], decoded, buffer.AsSpan(0, length));
        }

        return new Vocabulary
        {
            Texts = texts,
            Attributes = attributes,
            Scores = ReadScores(metadata, texts.Length),
            Matches = matches,
            Pieces = pieces.Bytes,
            PieceStarts = pieces.Starts,
            FileControls = fileControls,
        };
    }

    /// <summary>The token of each byte, <c>&lt;0xXX&gt;</c>, or the one that is the byte itself, or -1.</summary>
    public static int[] ReadByteTokens(Vocabulary vocabulary, int otherwise)
    {
        int[] tokens = new int[256];
        for (int value = 0; value < tokens.Length; value++)
        {
            int itself = vocabulary.Find([(byte)value]);
            tokens[value] = itself >= 0 ? itself : otherwise;
        }

        for (int id = 0; id < vocabulary.Size; id++)
        {
            if (TryParseByte(vocabulary.Texts[id], out byte value))
            {
                tokens[value] = id;
            }
        }

        return tokens;
    }

    /// <summary>Reads <c>&lt;0xXX&gt;</c>.</summary>
    public static bool TryParseByte(string text, out byte value)
    {
        value = 0;
        return text.Length == ByteTextLength && text.StartsWith("<0x", StringComparison.Ordinal) && text[^1] == '>'
            && byte.TryParse(text.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private static float[] ReadScores(GgufMetadata metadata, int count)
    {
        float[] scores = metadata.GetFloats(ScoresKey) ?? new float[count];
        return scores.Length == count ? scores : throw TokenizerException.LengthMismatch(ScoresKey, scores.Length, count);
    }

    /// <summary>Gathers the bytes that tokens write.</summary>
    private sealed class PieceWriter(int count, int bytes, TokenForm form)
    {
        private byte[] _bytes = new byte[Math.Max(16, bytes)];
        private int _length;
        private int _count;

        public byte[] Bytes => _bytes;

        public int[] Starts { get; } = new int[count + 1];

        public void Add(string text, TokenAttributes attributes, bool decoded, Span<byte> matched)
        {
            if (form == TokenForm.Backslashes)
            {
                AddBytes(matched[..RwkvEncoder.Unescape(matched, matched)]);
            }
            else if ((attributes & Shown) != 0)
            {
                AddText(text);
            }
            else if ((attributes & TokenAttributes.Byte) != 0 && TryParseByte(text, out byte value))
            {
                AddBytes([value]);
            }
            else if (form == TokenForm.Plain)
            {
                AddText(text);
            }
            else if ((attributes & (TokenAttributes.Normal | TokenAttributes.Byte)) != 0)
            {
                AddContent(text, decoded, matched);
            }

            Starts[++_count] = _length;
        }

        private void AddContent(string text, bool decoded, ReadOnlySpan<byte> matched)
        {
            if (decoded)
            {
                AddBytes(matched);
            }
            else
            {
                AddText(form == TokenForm.EscapedSpaces ? text.Replace(EscapedSpace, " ", StringComparison.Ordinal) : text);
            }
        }

        private void AddText(string text)
        {
            Grow(text.Length * Utf8Text.MaxBytesPerChar);
            _length += Utf8Text.Encode(text, _bytes.AsSpan(_length));
        }

        private void AddBytes(ReadOnlySpan<byte> bytes)
        {
            Grow(bytes.Length);
            bytes.CopyTo(_bytes.AsSpan(_length));
            _length += bytes.Length;
        }

        private void Grow(int more)
        {
            if (_length + more > _bytes.Length)
            {
                Array.Resize(ref _bytes, Math.Max(checked(_length + more), (int)Math.Min(Array.MaxLength, 2L * _bytes.Length)));
            }
        }
    }
}
