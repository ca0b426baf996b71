using Hearth.Engine.Gguf;
using Hearth.Engine.Tokenization.PreTokenization;

namespace Hearth.Engine.Tokenization;

/// <summary>What the kind of tokenizer (<c>tokenizer.ggml.model</c>) and its keys say, before the tokens are read.</summary>
internal sealed record TokenizerSettings
{
    private const string ModelKey = "tokenizer.ggml.model";
    private const string PreKey = "tokenizer.ggml.pre";

    /// <summary>BPE in the words between white space.</summary>
    public const string WhitespaceModel = "whitespace";

    /// <summary>BPE with sequences of nucleotides.</summary>
    public const string DnaModel = "hybriddna";

    private const int GptEndOfText = 11;
    private const int BertUnknown = 100;
    private const int BertClassification = 101;
    private const int BertSeparator = 102;
    private const int BertMask = 103;
    private const int PlamoPadding = 3;

    private static readonly string[] s_models =
    [
        "bert", "gemma4", "gpt2", DnaModel, "llama", "no_vocab", "none", "plamo2", "rwkv", "t5", WhitespaceModel,
    ];

    /// <summary>The models that are supported, by the names that <c>tokenizer.ggml.model</c> uses, in alphabetical order.</summary>
    public static IReadOnlyList<string> Models => s_models;

    /// <summary>The value of <c>tokenizer.ggml.model</c>.</summary>
    public string Model { get; init; } = "";

    /// <summary>How tokens match text.</summary>
    public required TokenizerKind Kind { get; init; }

    /// <summary>The special tokens that the kind has unless the file says otherwise.</summary>
    public SpecialTokens Defaults { get; init; } = SpecialTokens.None;

    /// <summary>The pre-tokenizer; only byte-pair encoding has one.</summary>
    public PreTokenizer? PreTokenizer { get; init; }

    /// <summary>Whether text that begins the prompt or follows a special token gets a leading space.</summary>
    public bool AddSpacePrefix { get; init; }

    /// <summary>Whether repeated white space counts once.</summary>
    public bool RemoveExtraWhiteSpace { get; init; }

    /// <summary>Whether spaces before punctuation and contractions are removed when the text is cleaned up.</summary>
    public bool CleanUpSpaces { get; init; }

    /// <summary>What should be told to the user.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Reads the settings.</summary>
    /// <exception cref="TokenizerException">The kind or the pre-tokenizer is not known, or no kind is named.</exception>
    public static TokenizerSettings Read(GgufMetadata metadata)
    {
        string model = metadata.GetString(ModelKey) ?? throw TokenizerException.MissingKey(ModelKey);
        TokenizerSettings settings = model switch
        {
            "llama" => new()
            {
                Kind = TokenizerKind.Spm,
                Defaults = new() { Bos = 1, Eos = 2, Unknown = 0, AddBos = true },
                AddSpacePrefix = true,
            },
            "gpt2" or WhitespaceModel or DnaModel => Bpe(metadata.GetString(PreKey), new() { Bos = GptEndOfText, Eos = GptEndOfText }),
            "gemma4" => Bpe("gemma4", SpecialTokens.None),
            "bert" => new()
            {
                Kind = TokenizerKind.Wpm,
                Defaults = new()
                {
                    Bos = BertClassification,
                    Unknown = BertUnknown,
                    Separator = BertSeparator,
                    Padding = 0,
                    Mask = BertMask,
                    AddBos = true,
                    AddSep = true,
                },
                CleanUpSpaces = true,
            },
            "t5" => new()
            {
                Kind = TokenizerKind.Ugm,
                Defaults = new() { Eos = 1, Unknown = 2, Padding = 0, AddEos = true },
            },
            "rwkv" => new() { Kind = TokenizerKind.Rwkv },
            "plamo2" => new()
            {
                Kind = TokenizerKind.Plamo2,
                Defaults = new() { Bos = 1, Eos = 2, Unknown = 0, Padding = PlamoPadding },
            },
            "no_vocab" or "none" => new() { Kind = TokenizerKind.None },
            _ => throw TokenizerException.UnknownModel(model, s_models),
        };
        return settings with
        {
            Model = model,
            AddSpacePrefix = metadata.GetBoolean("tokenizer.ggml.add_space_prefix") ?? settings.AddSpacePrefix,
            RemoveExtraWhiteSpace = metadata.GetBoolean("tokenizer.ggml.remove_extra_whitespaces") ?? false,
        };
    }

    private static TokenizerSettings Bpe(string? pre, SpecialTokens defaults)
    {
        bool missing = string.IsNullOrEmpty(pre);
        PreTokenizer preTokenizer = PreTokenizers.Get(missing ? PreTokenizers.DefaultName : pre!);
        return new()
        {
            Kind = TokenizerKind.Bpe,
            PreTokenizer = preTokenizer,
            Defaults = defaults with
            {
                Bos = preTokenizer.NoDefaultBos ? null : defaults.Bos,
                AddBos = preTokenizer.AddBos,
                AddSep = preTokenizer.AddSep,
            },
            CleanUpSpaces = preTokenizer.CleanUpSpaces,
            Warnings = missing
                ? [$"The model does not name its pre-tokenizer ('{PreKey}'), so '{PreTokenizers.DefaultName}' is used. "
                    + "Answers may be worse. Convert it again with a current converter."]
                : [],
        };
    }
}
