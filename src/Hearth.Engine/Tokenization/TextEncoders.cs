using Hearth.Engine.Gguf;

namespace Hearth.Engine.Tokenization;

/// <summary>Makes the encoder of each kind of tokenizer.</summary>
internal static class TextEncoders
{
    /// <summary>How the file writes the tokens' texts.</summary>
    public static TokenForm FormOf(TokenizerSettings settings) => settings.Kind switch
    {
        TokenizerKind.Bpe when !settings.PreTokenizer!.RawUtf8 => TokenForm.ByteAlphabet,
        TokenizerKind.Rwkv => TokenForm.Backslashes,
        TokenizerKind.Plamo2 => TokenForm.Plain,
        _ => TokenForm.EscapedSpaces,
    };

    /// <summary>Makes an encoder.</summary>
    /// <exception cref="TokenizerException">Something that it needs is absent or wrong.</exception>
    public static TextEncoder Create(GgufMetadata metadata, TokenizerSettings settings, Vocabulary vocabulary, SpecialTokens special)
    {
        switch (settings.Kind)
        {
            case TokenizerKind.Spm:
                int[] byteTokens = VocabularyReader.ReadByteTokens(vocabulary, otherwise: special.Unknown ?? -1);
                return new SpmEncoder(vocabulary, byteTokens, settings.AddSpacePrefix);
            case TokenizerKind.Wpm:
                bool lowercase = Lowercase(metadata, otherwise: true);
                bool stripAccents = metadata.GetBoolean("tokenizer.ggml.normalizer.strip_accents") ?? lowercase;
                return new WordPieceEncoder(vocabulary, special.Unknown, lowercase, stripAccents);
            case TokenizerKind.Ugm:
                return new UnigramEncoder(vocabulary, special.Unknown,
                    new UnigramNormalizer(CharacterMap.Read(metadata), settings.AddSpacePrefix, settings.RemoveExtraWhiteSpace));
            case TokenizerKind.Rwkv:
                return new RwkvEncoder(vocabulary, special.Unknown);
            case TokenizerKind.Plamo2:
                return new Plamo2Encoder(vocabulary);
            default:
                BpeEncoder words = CreateBpe(metadata, settings, vocabulary);
                return settings.Model switch
                {
                    TokenizerSettings.WhitespaceModel => new WhitespaceEncoder(words,
                        Lowercase(metadata, otherwise: metadata.GetString("tokenizer.ggml.pre") != "whitespace")),
                    TokenizerSettings.DnaModel => DnaEncoder.Create(words, vocabulary.Texts),
                    _ => words,
                };
        }
    }

    private static BpeEncoder CreateBpe(GgufMetadata metadata, TokenizerSettings settings, Vocabulary vocabulary)
    {
        bool raw = settings.PreTokenizer!.RawUtf8;
        bool required = metadata.GetString("tokenizer.ggml.pre") != "kimi-k2";
        MergeTable merges = MergeReader.Read(metadata, vocabulary, byteAlphabet: !raw, required);
        int[] bytes = raw
            ? VocabularyReader.ReadByteTokens(vocabulary, otherwise: -1)
            : [.. Enumerable.Range(0, 256).Select(value => vocabulary.Matches.Find([(byte)value]))];
        return new BpeEncoder(vocabulary, settings.PreTokenizer, merges, bytes);
    }

    private static bool Lowercase(GgufMetadata metadata, bool otherwise) =>
        metadata.GetBoolean("tokenizer.ggml.normalizer.lowercase") ?? otherwise;
}
