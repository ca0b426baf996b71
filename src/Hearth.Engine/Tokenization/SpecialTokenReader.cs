using Hearth.Engine.Gguf;

namespace Hearth.Engine.Tokenization;

/// <summary>
/// Reads which tokens are special: by the file's keys, else by the defaults of the tokenizer's kind, else by their texts. Tokens that
/// look like the end of an
/// answer become control tokens, whatever the file says.
/// </summary>
internal sealed class SpecialTokenReader
{
    private const string Prefix = "tokenizer.ggml.";
    private readonly GgufMetadata _metadata;
    private readonly string[] _texts;
    private readonly TokenAttributes[] _attributes;
    private readonly Dictionary<string, int> _byText = new(StringComparer.Ordinal);

    public SpecialTokenReader(GgufMetadata metadata, string[] texts, TokenAttributes[] attributes)
    {
        _metadata = metadata;
        _texts = texts;
        _attributes = attributes;
        for (int id = 0; id < texts.Length; id++)
        {
            // All texts that are looked for begin with one of these.
            if (texts[id][0] is '<' or '[' or '_' or '\u2581')
            {
                _byText.TryAdd(texts[id], id);
            }
        }
    }

    /// <summary>The token of a text that begins like a special token's, or null.</summary>
    public int? Find(string text) => _byText.TryGetValue(text, out int id) ? id : null;

    /// <summary>Reads the special tokens; attributes change as described above.</summary>
    /// <param name="defaults">The defaults of the tokenizer's kind.</param>
    /// <param name="forceBos">Whether the begin of sequence is added whatever the file says.</param>
    public SpecialTokens Read(SpecialTokens defaults, bool forceBos)
    {
        SpecialTokens tokens = defaults with
        {
            Bos = Id(Id(defaults.Bos, "cls_token_id"), "bos_token_id"),
            Eos = Id(defaults.Eos, "eos_token_id"),
            Eot = Id(null, "eot_token_id"),
            Eom = Id(null, "eom_token_id"),
            Unknown = Id(defaults.Unknown, "unknown_token_id"),
            Separator = Id(Id(defaults.Separator, "separator_token_id"), "seperator_token_id"),
            Padding = Id(defaults.Padding, "padding_token_id"),
            Mask = Id(defaults.Mask, "mask_token_id"),
            FimPrefix = Id(Id(null, "fim_pre_token_id"), "prefix_token_id"),
            FimSuffix = Id(Id(null, "fim_suf_token_id"), "suffix_token_id"),
            FimMiddle = Id(Id(null, "fim_mid_token_id"), "middle_token_id"),
            FimPadding = Id(null, "fim_pad_token_id"),
            FimRepository = Id(null, "fim_rep_token_id"),
            FimSeparator = Id(null, "fim_sep_token_id"),
            AddBos = forceBos || (_metadata.GetBoolean(Prefix + "add_bos_token") ?? defaults.AddBos),
            AddEos = _metadata.GetBoolean(Prefix + "add_eos_token") ?? defaults.AddEos,
            AddSep = _metadata.GetBoolean(Prefix + "add_sep_token") ?? defaults.AddSep,
        };
        tokens = tokens with
        {
            Eot = tokens.Eot ?? Guess(SpecialTokenTexts.Eot),
            Eom = tokens.Eom ?? Guess(SpecialTokenTexts.Eom),
            FimPrefix = tokens.FimPrefix ?? Guess(SpecialTokenTexts.FimPrefix),
            FimSuffix = tokens.FimSuffix ?? Guess(SpecialTokenTexts.FimSuffix),
            FimMiddle = tokens.FimMiddle ?? Guess(SpecialTokenTexts.FimMiddle),
            FimPadding = tokens.FimPadding ?? Guess(SpecialTokenTexts.FimPadding),
            FimRepository = tokens.FimRepository ?? Guess(SpecialTokenTexts.FimRepository),
            FimSeparator = tokens.FimSeparator ?? Guess(SpecialTokenTexts.FimSeparator),
        };
        return tokens with { EndOfGeneration = EndOfGeneration(tokens) };
    }

    /// <summary>Sets which special tokens take the white space beside them, which only the models' names tell.</summary>
    public void ReadStripping()
    {
        string name = (_metadata.GetString("general.name") ?? "").ToLowerInvariant();
        string pre = _metadata.GetString(Prefix + "pre") ?? "";
        string architecture = _metadata.GetString("general.architecture") ?? "";
        if (ContainsAny(pre, "jina-v2-de", "jina-v2-es", "jina-v2-code") || ContainsAny(architecture, "nomic-bert-moe", "jina-bert-v3"))
        {
            Add(Find("<mask>"), TokenAttributes.StripLeft);
        }
        else if (ContainsAny(name, "phi-3", "phi3"))
        {
            for (int id = 0; id < _attributes.Length; id++)
            {
                if (IsSpecial(id) && _texts[id] is not ("<unk>" or "<s>" or "<|endoftext|>"))
                {
                    Add(id, TokenAttributes.StripRight);
                }
            }

            Add(Find(SpecialTokenTexts.EndOfSequence), TokenAttributes.StripRight);
        }
        else if (ContainsAny(name, "modern-bert"))
        {
            Add(Find("[MASK]"), TokenAttributes.StripLeft);
        }
    }

    /// <summary>Whether a token is recognised before the text is encoded.</summary>
    public bool IsSpecial(int id) =>
        (_attributes[id] & (TokenAttributes.Control | TokenAttributes.UserDefined | TokenAttributes.Unknown)) != 0;

    private static bool ContainsAny(string text, params ReadOnlySpan<string> parts)
    {
        foreach (string part in parts)
        {
            if (text.Contains(part, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private void Add(int? id, TokenAttributes attribute)
    {
        if (id is int known)
        {
            _attributes[known] |= attribute;
        }
    }

    // An id outside the vocabulary is as if it were not there: files are known to name one.
    private int? Id(int? otherwise, string key)
    {
        if (_metadata.GetInteger(Prefix + key) is long id && id >= 0 && id < _texts.Length)
        {
            return (int)id;
        }

        return otherwise is int given && given < _texts.Length ? given : null;
    }

    private int? Guess(string[] texts)
    {
        foreach (string text in texts)
        {
            if (Find(text) is int id)
            {
                _attributes[id] |= TokenAttributes.Control;
                return id;
            }
        }

        return null;
    }

    private HashSet<int> EndOfGeneration(SpecialTokens tokens)
    {
        HashSet<int> ends = [];
        foreach (int? id in (ReadOnlySpan<int?>)[tokens.FimPadding, tokens.FimRepository, tokens.FimSeparator])
        {
            AddTo(ends, id);
        }

        foreach (string text in SpecialTokenTexts.EndOfGeneration)
        {
            int? id = Find(text);
            AddTo(ends, id);
            Add(id, TokenAttributes.Control);
        }

        foreach (string text in SpecialTokenTexts.AlwaysVisible)
        {
            Set(Find(text), TokenAttributes.UserDefined);
        }

        AddTo(ends, tokens.Eos);
        AddTo(ends, tokens.Eot);
        AddTo(ends, tokens.Eom);
        bool Ends(string text) => Find(text) is int id && ends.Contains(id);
        bool calls = Ends(SpecialTokenTexts.Call) || Ends(SpecialTokenTexts.Calls);
        if (Ends(SpecialTokenTexts.End) && calls && (Ends(SpecialTokenTexts.Return) || Ends(SpecialTokenTexts.Flush)))
        {
            Remove(ends, SpecialTokenTexts.End, TokenAttributes.UserDefined);
        }

        if (Ends(SpecialTokenTexts.ToolResponse) && Ends(SpecialTokenTexts.EndOfSequence))
        {
            Remove(ends, SpecialTokenTexts.EndOfSequence, TokenAttributes.Normal);
        }

        return ends;
    }

    private static void AddTo(HashSet<int> ids, int? id)
    {
        if (id is int known)
        {
            ids.Add(known);
        }
    }

    private void Set(int? id, TokenAttributes attributes)
    {
        if (id is int known)
        {
            _attributes[known] = attributes;
        }
    }

    private void Remove(HashSet<int> ends, string text, TokenAttributes attributes)
    {
        int id = Find(text)!.Value;
        ends.Remove(id);
        Set(id, attributes);
    }
}
