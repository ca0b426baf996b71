using Hearth.Engine.Gguf;

namespace Hearth.Engine.Conversion.Vocabularies;

/// <summary>Writes the tokenizer of a folder: <c>tokenizer.model</c> where there is one, else <c>tokenizer.json</c>.</summary>
internal static class VocabularyConverter
{
    // The first line of Llama 3's own tokenizer.model, which is no SentencePiece model: base64 and a rank.
    private static ReadOnlySpan<byte> RankedTokens => "IQ== 0"u8;

    /// <summary>Writes all entries of <c>tokenizer.*</c>.</summary>
    /// <param name="source">The folder's files.</param>
    /// <param name="spacePrefix">Whether a SentencePiece tokenizer puts a space before a text, if the architecture says so.</param>
    /// <param name="preTokenizer">The name of the pre-tokenizer, or null to find it.</param>
    /// <param name="writer">Gets the entries.</param>
    /// <exception cref="ConversionException">There is no tokenizer, or it cannot be converted.</exception>
    public static void Write(TokenizerFolder source, bool? spacePrefix, string? preTokenizer, GgufWriter writer)
    {
        VocabularyToken[] tokens;
        bool isByteLevel = false;
        if (source.Find("tokenizer.model") is string path && !(source.Tokenizer is not null && IsRankedTokens(path)))
        {
            tokens = SentencePieceVocabulary.Write(source, path, spacePrefix, writer);
        }
        else if (source.Tokenizer is null)
        {
            throw ConversionException.MissingFile(source.Folder, "tokenizer.json or tokenizer.model");
        }
        else
        {
            BpeDefinition definition = BpeDefinition.Read(source);
            isByteLevel = !definition.HasByteFallback;
            tokens = isByteLevel
                ? ByteLevelVocabulary.Write(source, definition, preTokenizer, writer)
                : ByteFallbackVocabulary.Write(source, definition, spacePrefix, writer);
        }

        if (preTokenizer is not null && !isByteLevel)
        {
            throw ConversionException.UnsupportedTokenizer(
                preTokenizer, "a pre-tokenizer can only be given for a byte-level tokenizer, and this is none");
        }

        SpecialTokenWriter.Write(source, tokens, isByteLevel, writer);
        ChatTemplateWriter.Write(source, writer);
    }

    private static bool IsRankedTokens(string path)
    {
        using FileStream file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[RankedTokens.Length];
        return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual(RankedTokens);
    }
}
