using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Conversion.Vocabularies;

/// <summary>The <c>model</c> of a <c>tokenizer.json</c>: tokens and merges of a byte-pair encoding.</summary>
internal sealed class BpeDefinition
{
    private BpeDefinition(ConfigNode tokenizer, ConfigNode model)
    {
        Tokenizer = tokenizer;
        HasByteFallback = model.Find("byte_fallback")?.AsBoolean() ?? false;
        IgnoresMerges = model.Find("ignore_merges")?.AsBoolean() ?? false;
    }

    /// <summary>The whole <c>tokenizer.json</c>.</summary>
    public ConfigNode Tokenizer { get; }

    /// <summary>Ids by token.</summary>
    public Dictionary<string, int> Ids { get; } = new(StringComparer.Ordinal);

    /// <summary>The merges, first to last.</summary>
    public List<(string Left, string Right)> Merges { get; } = [];

    /// <summary>Whether characters without a token become tokens of bytes, as in SentencePiece.</summary>
    public bool HasByteFallback { get; }

    /// <summary>Whether a word that is a token is taken as it is.</summary>
    public bool IgnoresMerges { get; }

    /// <summary>Reads the model.</summary>
    /// <exception cref="ConversionException">It is damaged, or no byte-pair encoding.</exception>
    public static BpeDefinition Read(TokenizerFolder source)
    {
        ConfigNode tokenizer = source.Tokenizer!.Value;
        string path = tokenizer.FilePath;
        ConfigNode model = tokenizer.Find("model") ?? throw ConversionException.InvalidValue(path, "model", "is missing");
        string type = model.Find("type")?.AsText() ?? (model.Find("merges") is null ? "unknown" : "BPE");
        if (type != "BPE")
        {
            throw ConversionException.UnsupportedTokenizer(
                type, $"the model of tokenizer.json is of the type '{type}'; only BPE models can be converted");
        }

        foreach (string key in (ReadOnlySpan<string>)["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (model.Find(key)?.AsText() is { Length: > 0 } mark)
            {
                throw ConversionException.UnsupportedTokenizer(
                    key, $"tokenizer.json marks parts of words ({key} is '{mark}'), which a GGUF file cannot say");
            }
        }

        BpeDefinition definition = new(tokenizer, model);
        definition.ReadTokens(model, source);
        definition.ReadMerges(model, path);
        return definition;
    }

    private void ReadTokens(ConfigNode model, TokenizerFolder source)
    {
        string path = model.FilePath;
        ConfigNode vocabulary = model.Find("vocab") ?? throw ConversionException.InvalidValue(path, "vocab", "is missing");
        bool[] used = new bool[source.Rows];
        foreach ((string text, ConfigNode value) in vocabulary.Properties())
        {
            long id = value.AsInteger();
            if (id < 0 || id >= source.Rows)
            {
                throw ConversionException.InvalidValue(
                    path, "vocab", $"has the token '{text}' with the number {id}, but the model has {source.Rows} tokens");
            }

            if (text.Length is 0 or > VocabularyReader.MaxTokenBytes || used[id] || !Ids.TryAdd(text, (int)id))
            {
                throw ConversionException.InvalidValue(path, "vocab", $"has a token that is empty, too long or there twice ({id})");
            }

            used[id] = true;
        }
    }

    private void ReadMerges(ConfigNode model, string path)
    {
        foreach (ConfigNode merge in model.Find("merges")?.Items() ?? [])
        {
            string[] sides = merge.IsText ? merge.AsText().Split(' ') : [.. merge.Items().Select(side => side.AsText())];
            Merges.Add(sides.Length == 2 && sides[0].Length > 0 && sides[1].Length > 0
                ? (sides[0], sides[1])
                : throw ConversionException.InvalidValue(path, "merges", $"has {merge.Json}, which is not two tokens"));
        }
    }
}
