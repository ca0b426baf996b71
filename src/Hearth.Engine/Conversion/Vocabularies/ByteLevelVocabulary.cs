using Hearth.Engine.Gguf;
using Hearth.Engine.Tokenization.PreTokenization;

namespace Hearth.Engine.Conversion.Vocabularies;

/// <summary>Writes a byte-level vocabulary with merges: <c>tokenizer.ggml.model</c> is <c>gpt2</c>.</summary>
internal static class ByteLevelVocabulary
{
    /// <summary>Writes the vocabulary.</summary>
    /// <param name="source">The folder's files.</param>
    /// <param name="definition">The tokens and merges.</param>
    /// <param name="preTokenizer">The name of the pre-tokenizer, or null to find it.</param>
    /// <param name="writer">Gets the entries.</param>
    /// <returns>The tokens.</returns>
    public static VocabularyToken[] Write(TokenizerFolder source, BpeDefinition definition, string? preTokenizer, GgufWriter writer)
    {
        if (preTokenizer is not null && !PreTokenizers.Names.Contains(preTokenizer))
        {
            throw ConversionException.UnknownPreTokenizer(preTokenizer, PreTokenizers.Names);
        }

        string pre = preTokenizer
            ?? PreTokenizerDetector.Detect(definition, source.TokenizerConfig?.Find("clean_up_tokenization_spaces")?.AsBoolean());
        VocabularyToken[] tokens = VocabularyToken.Rows(source.Rows);
        foreach ((string text, int id) in definition.Ids)
        {
            tokens[id] = new VocabularyToken(text, 0, VocabularyTokenType.Normal);
        }

        foreach (AddedToken added in source.Added.Values)
        {
            tokens[added.Id] = added.Token(0);
        }

        if (definition.Merges.Count == 0)
        {
            throw ConversionException.InvalidValue(definition.Tokenizer.FilePath, "merges", "is missing");
        }

        writer.Set("tokenizer.ggml.model", "gpt2").Set("tokenizer.ggml.pre", pre)
            .Set("tokenizer.ggml.tokens", Array.ConvertAll(tokens, token => token.Text))
            .Set("tokenizer.ggml.token_type", Array.ConvertAll(tokens, token => (int)token.Type))
            .Set("tokenizer.ggml.merges", definition.Merges.Select(merge => $"{Escape(merge.Left)} {Escape(merge.Right)}").ToArray());
        return tokens;
    }

    // A merge is two texts with a space between them.
    private static string Escape(string side) => side.Replace(' ', '\u0120');
}
