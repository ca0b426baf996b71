using Hearth.Engine.Gguf;
using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Conversion.Vocabularies;

/// <summary>Writes which tokens begin, end, pad, ..., and whether they are added to a prompt.</summary>
internal sealed class SpecialTokenWriter
{
    private const string Prefix = "tokenizer.ggml.";

    // Names in Hugging Face's files and in GGUF's; the spelling of the separator is the format's own.
    private static readonly (string Role, string Key)[] s_roles =
    [
        ("bos", "bos_token_id"), ("eos", "eos_token_id"), ("unk", "unknown_token_id"),
        ("sep", "seperator_token_id"), ("pad", "padding_token_id"),
        ("cls", "cls_token_id"), ("mask", "mask_token_id"),
    ];

    private readonly TokenizerFolder _source;
    private readonly VocabularyToken[] _tokens;
    private readonly GgufWriter _writer;
    private readonly Dictionary<string, int> _idsByText = new(StringComparer.Ordinal);

    private SpecialTokenWriter(TokenizerFolder source, VocabularyToken[] tokens, GgufWriter writer)
    {
        _source = source;
        _tokens = tokens;
        _writer = writer;
        for (int id = tokens.Length - 1; id >= 0; id--)
        {
            _idsByText[tokens[id].Text] = id;
        }
    }

    /// <summary>Writes the entries.</summary>
    /// <param name="source">The folder's files.</param>
    /// <param name="tokens">The vocabulary.</param>
    /// <param name="isByteLevel">Whether it is byte-level; such a tokenizer adds only what its definition says.</param>
    /// <param name="writer">Gets the entries.</param>
    public static void Write(TokenizerFolder source, VocabularyToken[] tokens, bool isByteLevel, GgufWriter writer)
    {
        SpecialTokenWriter special = new(source, tokens, writer);
        (string? first, string? last) = special.Template();
        Dictionary<string, int> ids = special.WriteIds(first);
        special.WriteAdding("bos", "add_bos_token", first, ids, isByteLevel);
        special.WriteAdding("eos", "add_eos_token", last, ids, isByteLevel: false);
        special.WriteEnds(ids);
    }

    private Dictionary<string, int> WriteIds(string? first)
    {
        Dictionary<string, int> ids = [];
        foreach ((string role, string key) in s_roles)
        {
            string? text = TextOf(role) ?? (role == "bos" ? first : null);
            int? id = text is not null && _idsByText.TryGetValue(text, out int known) ? known : Configured(role);
            if (id is int found)
            {
                ids[role] = found;
                _writer.Set(Prefix + key, (uint)found);
            }
        }

        return ids;
    }

    // An end of sequence may be several tokens; the tokenizer's own is the one that counts.
    private int? Configured(string role)
    {
        ConfigNode? node = _source.Config.Find($"{role}_token_id");
        if (node is { IsArray: true } several)
        {
            node = several.Items().Cast<ConfigNode?>().FirstOrDefault();
        }

        return node?.AsInteger() is long id && id >= 0 && id < _tokens.Length ? (int)id : null;
    }

    private string? TextOf(string role) => _source.TokenizerConfig?.Find($"{role}_token") switch
    {
        { IsText: true } text => text.AsText(),
        { IsObject: true } token => token.Find("content")?.AsText(),
        _ => null,
    };

    private void WriteAdding(string role, string key, string? inTemplate, Dictionary<string, int> ids, bool isByteLevel)
    {
        bool? configured = _source.TokenizerConfig?.Find(key) is { IsBoolean: true } value ? value.AsBoolean() : null;
        bool? template = null;
        if (inTemplate is not null)
        {
            template = ids.TryGetValue(role, out int id) && _tokens[id].Text == inTemplate;
            if (template == false && configured is null)
            {
                _source.Note($"The tokenizer puts '{inTemplate}' around a prompt, which a GGUF file cannot say.");
            }
        }

        // Llama's own class adds the first token unless told otherwise; the others add what the template says.
        bool isLlama = _source.TokenizerConfig?.Find("tokenizer_class") is { IsText: true } name
            && name.AsText().Contains("Llama", StringComparison.Ordinal);
        if ((configured ?? template ?? (isByteLevel && !isLlama ? false : null)) is bool adds)
        {
            _writer.Set(Prefix + key, adds);
        }
    }

    /// <summary>The special tokens that the post-processor's template puts before and after a text.</summary>
    private (string? First, string? Last) Template()
    {
        if (_source.Tokenizer?.Find("post_processor") is not ConfigNode processor)
        {
            return default;
        }

        foreach (ConfigNode step in PreTokenizerDetector.Flatten(processor, "processors"))
        {
            if (PreTokenizerDetector.TypeOf(step) == "TemplateProcessing" && step.Find("single") is ConfigNode single)
            {
                ConfigNode[] parts = [.. single.Items()];
                return parts.Length > 1 ? (Special(parts[0]), Special(parts[^1])) : default;
            }
        }

        return default;
    }

    private static string? Special(ConfigNode part) => part.Find("SpecialToken")?.Find("id")?.AsText();

    /// <summary>Writes the ends of an answer that readers do not know by their texts.</summary>
    private void WriteEnds(Dictionary<string, int> ids)
    {
        if (_source.GenerationConfig?.Find("eos_token_id") is not { IsArray: true } ends)
        {
            return;
        }

        int[] more =
        [
            .. ends.Items().Select(end => end.AsInteger()).Where(id => id >= 0 && id < _tokens.Length).Select(id => (int)id).Distinct()
                .Where(id => id != ids.GetValueOrDefault("eos", -1) && !SpecialTokenTexts.EndOfGeneration.Contains(_tokens[id].Text)),
        ];
        string[] keys = ["eot_token_id", "eom_token_id"];
        for (int i = 0; i < Math.Min(keys.Length, more.Length); i++)
        {
            _writer.Set(Prefix + keys[i], (uint)more[i]);
        }

        foreach (int id in more.Skip(keys.Length))
        {
            _source.Note($"generation_config.json ends answers at '{_tokens[id].Text}' too, which a GGUF file has no place for.");
        }
    }
}
