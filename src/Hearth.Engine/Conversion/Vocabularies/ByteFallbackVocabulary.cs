using System.Globalization;
using Hearth.Engine.Gguf;

namespace Hearth.Engine.Conversion.Vocabularies;

/// <summary>
/// Writes a SentencePiece vocabulary of which only <c>tokenizer.json</c> is there. Its merges were made from the pieces' scores: all ways
/// to split a piece, the highest score first. So a piece's score is found again from the place of its merges, if they are of that form.
/// </summary>
internal static class ByteFallbackVocabulary
{
    private const int ByteTextLength = 6;
    private const int MaxPieceLength = 256;

    /// <summary>Writes the vocabulary.</summary>
    /// <param name="source">The folder's files.</param>
    /// <param name="definition">The tokens and merges.</param>
    /// <param name="spacePrefix">Whether a space is put before a text, if the architecture says so.</param>
    /// <param name="writer">Gets the entries.</param>
    /// <returns>The tokens.</returns>
    public static VocabularyToken[] Write(TokenizerFolder source, BpeDefinition definition, bool? spacePrefix, GgufWriter writer)
    {
        bool prefix = ReadSpaces(definition.Tokenizer);
        Dictionary<string, int> places = Places(definition);
        CheckSplits(source, definition);
        VocabularyToken[] tokens = VocabularyToken.Rows(source.Rows);
        foreach ((string text, int id) in definition.Ids)
        {
            tokens[id] = new VocabularyToken(
                text, places.TryGetValue(text, out int place) ? -place : 0, IsByte(text)
                    ? VocabularyTokenType.Byte : VocabularyTokenType.Normal);
        }

        SentencePieceVocabulary.Write(source, tokens, spacePrefix ?? prefix, writer);
        return tokens;
    }

    /// <summary>The pieces in the order in which their merges come: 0, 1, ...</summary>
    private static Dictionary<string, int> Places(BpeDefinition definition)
    {
        Dictionary<string, int> places = new(StringComparer.Ordinal);
        string? last = null;
        foreach ((string left, string right) in definition.Merges)
        {
            string piece = left + right;
            if (piece != last && !places.TryAdd(piece, places.Count))
            {
                throw NotPieces($"the merges that make '{piece}' are not next to each other");
            }

            last = piece;
        }

        return places;
    }

    // Pieces merge whenever their text is one: each way to split a piece into two must be a merge.
    private static void CheckSplits(TokenizerFolder source, BpeDefinition definition)
    {
        HashSet<(string, string)> merges = [.. definition.Merges];
        foreach ((string text, int id) in definition.Ids)
        {
            if (source.Added.ContainsKey(id) || IsByte(text))
            {
                continue;
            }

            if (text.Length > MaxPieceLength)
            {
                throw NotPieces($"a token has {text.Length} characters");
            }

            for (int i = 1; i < text.Length; i++)
            {
                (string left, string right) = (text[..i], text[i..]);
                if (definition.Ids.TryGetValue(left, out int leftId)
                    && definition.Ids.TryGetValue(right, out int rightId) && !merges.Contains((left, right))
                    && !source.Added.ContainsKey(leftId) && !source.Added.ContainsKey(rightId))
                {
                    throw NotPieces($"'{left}' and '{right}' do not merge, though '{text}' is a token");
                }
            }
        }
    }

    private static bool IsByte(string text) =>
        text.Length == ByteTextLength && text.StartsWith("<0x", StringComparison.Ordinal) && text[^1] == '>'
        && byte.TryParse(text.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _);

    /// <summary>
    /// Whether the normaliser, or the pre-tokenizer, puts a space before a text; both may only do that and write spaces as U+2581.
    /// </summary>
    private static bool ReadSpaces(ConfigNode tokenizer)
    {
        bool prefix = false;
        foreach (ConfigNode step in PreTokenizerDetector.Flatten(tokenizer.Find("normalizer"), "normalizers"))
        {
            string type = PreTokenizerDetector.TypeOf(step);
            bool replaces = type == "Replace" && step.Find("pattern")?.Find("String")?.AsText() == " "
                && step.Find("content")?.AsText() == "\u2581";
            bool prepends = type == "Prepend" && step.Find("prepend")?.AsText() == "\u2581";
            prefix |= prepends;
            if (!replaces && !prepends)
            {
                throw ConversionException.UnsupportedTokenizer(
                    type, $"the normalizer of tokenizer.json has the step {step.Json}, which a GGUF file cannot say");
            }
        }

        foreach (ConfigNode step in PreTokenizerDetector.Flatten(tokenizer.Find("pre_tokenizer"), "pretokenizers"))
        {
            string type = PreTokenizerDetector.TypeOf(step);
            bool splitsSpaces = type == "Split" && step.Find("pattern")?.Find("String")?.AsText() == " ";
            bool marks = type == "Metaspace" && (step.Find("replacement")?.AsText() ?? "\u2581") == "\u2581";
            prefix |= marks && (step.Find("prepend_scheme")?.AsText() ?? "always") != "never"
                && (step.Find("add_prefix_space")?.AsBoolean() ?? true);
            if (!splitsSpaces && !marks)
            {
                throw ConversionException.UnsupportedTokenizer(
                    type, $"the pre_tokenizer of tokenizer.json has the step {step.Json}, which a GGUF file cannot say");
            }
        }

        return prefix;
    }

    private static ConversionException NotPieces(string why) => ConversionException.UnsupportedTokenizer(
        "merges",
        $"tokenizer.json falls back to bytes, but its merges are not those of a SentencePiece model ({why}); put tokenizer.model into the "
        + "folder");
}
