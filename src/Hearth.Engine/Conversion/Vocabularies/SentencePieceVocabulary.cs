using Hearth.Engine.Gguf;

namespace Hearth.Engine.Conversion.Vocabularies;

/// <summary>Writes a vocabulary of pieces with scores: <c>tokenizer.ggml.model</c> is <c>llama</c>.</summary>
internal static class SentencePieceVocabulary
{
    /// <summary>Reads <c>tokenizer.model</c>.</summary>
    /// <param name="source">The folder's files.</param>
    /// <param name="path">The file.</param>
    /// <param name="spacePrefix">Whether a space is put before a text, if the architecture says so.</param>
    /// <param name="writer">Gets the entries.</param>
    /// <returns>The tokens.</returns>
    public static VocabularyToken[] Write(TokenizerFolder source, string path, bool? spacePrefix, GgufWriter writer)
    {
        SentencePieceModel model = SentencePieceModel.Load(path);
        VocabularyToken[] tokens = VocabularyToken.Rows(source.Rows);
        if (model.Pieces.Count > tokens.Length)
        {
            source.Note(
                $"The last {model.Pieces.Count - tokens.Length} pieces of tokenizer.model are left out: the model has {tokens.Length}.");
        }

        for (int id = 0; id < Math.Min(tokens.Length, model.Pieces.Count); id++)
        {
            VocabularyToken piece = model.Pieces[id];
            tokens[id] = piece.Type == VocabularyTokenType.UserDefined ? piece with { Text = piece.Text.Replace('\u2581', ' ') } : piece;
        }

        if (model.RemovesExtraWhitespaces || model.Normalizer is not ("identity" or ""))
        {
            string spaces = model.RemovesExtraWhitespaces ? "removed" : "kept";
            source.Note(
                $"tokenizer.model prepares texts (normaliser '{model.Normalizer}', extra spaces {spaces}), which a GGUF file cannot say: "
                + "texts that it would change get other tokens.");
        }

        bool? configured = source.TokenizerConfig?.Find("add_prefix_space") is { IsBoolean: true } value ? value.AsBoolean() : null;
        Write(source, tokens, spacePrefix ?? configured ?? model.AddsDummyPrefix, writer);
        return tokens;
    }

    /// <summary>Puts the added tokens among the others and writes all.</summary>
    public static void Write(TokenizerFolder source, VocabularyToken[] tokens, bool spacePrefix, GgufWriter writer)
    {
        foreach (AddedToken added in source.Added.Values)
        {
            tokens[added.Id] = added.Token(VocabularyToken.AddedScore);
        }

        writer.Set("tokenizer.ggml.model", "llama").Set("tokenizer.ggml.pre", "default")
            .Set("tokenizer.ggml.tokens", Array.ConvertAll(tokens, token => token.Text))
            .Set("tokenizer.ggml.scores", Array.ConvertAll(tokens, token => token.Score))
            .Set("tokenizer.ggml.token_type", Array.ConvertAll(tokens, token => (int)token.Type))
            .Set("tokenizer.ggml.add_space_prefix", spacePrefix);
    }
}
