namespace Hearth.Engine.Conversion.Vocabularies;

/// <summary>A token that was added to a vocabulary after it was trained.</summary>
internal readonly record struct AddedToken(int Id, string Text, bool IsSpecial)
{
    /// <summary>The type in a vocabulary: some tokens are special though they are not marked so.</summary>
    public VocabularyTokenType Type => IsSpecial || LooksSpecial(Text) ? VocabularyTokenType.Control : VocabularyTokenType.UserDefined;

    /// <summary>The token in a vocabulary.</summary>
    public VocabularyToken Token(float score) => new(
        Type == VocabularyTokenType.Control ? Text : Text.Replace('\u2581', ' '), score, Type);

    private static bool LooksSpecial(string text) =>
        text is "<pad>" or "<mask>" or "<2mass>" or "[@BOS@]"
        || IsBetween(text, "<|", "|>") || IsBetween(text, "<\uFF5C", "\uFF5C>") || IsBetween(text, "<unused", ">");

    private static bool IsBetween(string text, string start, string end) =>
        text.Length >= start.Length + end.Length && text.StartsWith(start, StringComparison.Ordinal)
            && text.EndsWith(end, StringComparison.Ordinal);
}

/// <summary>The files of a folder that describe its tokenizer.</summary>
internal sealed class TokenizerFolder
{
    private const long MaxTokenizerBytes = 256 << 20;
    private const long MaxConfigBytes = 16 << 20;
    private readonly List<string> _notes;

    private TokenizerFolder(string folder, HuggingFaceConfig config, int rows, List<string> notes)
    {
        Folder = folder;
        Config = config;
        Rows = rows;
        _notes = notes;
        Tokenizer = Load("tokenizer.json", MaxTokenizerBytes);
        TokenizerConfig = Load("tokenizer_config.json", MaxConfigBytes);
        GenerationConfig = Load("generation_config.json", MaxConfigBytes);
        Added = ReadAdded();
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>The model's <c>config.json</c>.</summary>
    public HuggingFaceConfig Config { get; }

    /// <summary>Rows of the token embedding.</summary>
    public int Rows { get; }

    /// <summary><c>tokenizer.json</c>, or null.</summary>
    public ConfigNode? Tokenizer { get; }

    /// <summary><c>tokenizer_config.json</c>, or null.</summary>
    public ConfigNode? TokenizerConfig { get; }

    /// <summary><c>generation_config.json</c>, or null.</summary>
    public ConfigNode? GenerationConfig { get; }

    /// <summary>The added tokens by id.</summary>
    public IReadOnlyDictionary<int, AddedToken> Added { get; }

    /// <summary>Reads the files.</summary>
    /// <exception cref="ConversionException">One is damaged.</exception>
    public static TokenizerFolder Open(string folder, HuggingFaceConfig config, int rows, List<string> notes) =>
        new(folder, config, rows, notes);

    /// <summary>The path of a file that may be there.</summary>
    public string? Find(string name)
    {
        string path = Path.Combine(Folder, name);
        return File.Exists(path) ? path : null;
    }

    /// <summary>Says something that the user should know of the result.</summary>
    public void Note(string text) => _notes.Add(text);

    private ConfigNode? Load(string name, long maxBytes) => Find(name) is string path ? ConfigNode.Load(path, maxBytes) : null;

    private Dictionary<int, AddedToken> ReadAdded()
    {
        Dictionary<int, AddedToken> added = [];
        foreach ((string text, ConfigNode id) in Load("added_tokens.json", MaxConfigBytes)?.Properties() ?? [])
        {
            Add(added, id.AsInteger(), text, isSpecial: false);
        }

        foreach ((string id, ConfigNode token) in TokenizerConfig?.Find("added_tokens_decoder")?.Properties() ?? [])
        {
            if (!int.TryParse(id, out int number))
            {
                throw ConversionException.InvalidValue(
                    TokenizerConfig!.Value.FilePath, "added_tokens_decoder", $"has '{id}', which is no token's number");
            }

            Add(added, number, token);
        }

        foreach (ConfigNode token in Tokenizer?.Find("added_tokens")?.Items() ?? [])
        {
            Add(added, token.Find("id")?.AsInteger() ?? -1, token);
        }

        return added;
    }

    private void Add(Dictionary<int, AddedToken> added, long id, ConfigNode token)
    {
        string text = token.Find("content")?.AsText()
            ?? throw ConversionException.InvalidValue(token.FilePath, "content", "is missing for an added token");
        Add(added, id, text, token.Find("special")?.AsBoolean() ?? false);
    }

    private void Add(Dictionary<int, AddedToken> added, long id, string text, bool isSpecial)
    {
        if (id < 0)
        {
            throw ConversionException.InvalidValue(Folder, "added_tokens", $"has the token '{text}' without a number");
        }

        if (id < Rows)
        {
            added[(int)id] = new AddedToken((int)id, text, isSpecial);
        }
        else
        {
            Note($"The added token '{text}' ({id}) is left out: the model has {Rows} tokens.");
        }
    }
}
