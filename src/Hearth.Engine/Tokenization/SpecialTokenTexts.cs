namespace Hearth.Engine.Tokenization;

/// <summary>Texts by which tokens are known to have a meaning when the file does not say so; earlier ones are preferred.</summary>
internal static class SpecialTokenTexts
{
    /// <summary>Whether a text looks like the structure of a prompt: <c>&lt;|...|&gt;</c>, with either bar.</summary>
    public static bool IsMarker(string text) =>
        (text.StartsWith("<|", StringComparison.Ordinal) && text.EndsWith("|>", StringComparison.Ordinal))
        || (text.StartsWith("<\uFF5C", StringComparison.Ordinal) && text.EndsWith("\uFF5C>", StringComparison.Ordinal));

    /// <summary>Ends of a turn.</summary>
    public static string[] Eot { get; } =
    [
        "<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>", "<EOT>", "_<EOT>", "[EOT]",
        "<\uFF5Cend\u2581of\u2581sentence\uFF5C>", "<end_of_utterance>",
    ];

    /// <summary>Ends of a message.</summary>
    public static string[] Eom { get; } = ["<|eom_id|>"];

    /// <summary>Fill-in-the-middle: prefix.</summary>
    public static string[] FimPrefix { get; } =
    [
        "<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<\uFF5Cfim\u2581begin\uFF5C>", "<PRE>", "\u2581<PRE>", "<|code_prefix|>",
        "<|prefix|>",
    ];

    /// <summary>Fill-in-the-middle: suffix.</summary>
    public static string[] FimSuffix { get; } =
    [
        "<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<\uFF5Cfim\u2581hole\uFF5C>", "<SUF>", "\u2581<SUF>", "<|code_suffix|>",
        "<|suffix|>",
    ];

    /// <summary>Fill-in-the-middle: middle.</summary>
    public static string[] FimMiddle { get; } =
    [
        "<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<\uFF5Cfim\u2581end\uFF5C>", "<MID>", "\u2581<MID>", "<|code_middle|>",
        "<|middle|>",
    ];

    /// <summary>Fill-in-the-middle: padding.</summary>
    public static string[] FimPadding { get; } = ["<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"];

    /// <summary>Fill-in-the-middle: repository.</summary>
    public static string[] FimRepository { get; } = ["<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"];

    /// <summary>Fill-in-the-middle: file separator.</summary>
    public static string[] FimSeparator { get; } = ["<|file_sep|>"];

    /// <summary>Tokens that end an answer.</summary>
    public static string[] EndOfGeneration { get; } =
    [
        "<|eot_id|>", "<|im_end|>", End, Return, Call, Flush, Calls, "<end_of_turn>", "<|endoftext|>", EndOfSequence, "<|eom_id|>",
        "<EOT>", "_<EOT>", "[EOT]",
        "[EOS]", "<|end_of_text|>", "<end_of_utterance>", "<eos>", "<turn|>", ToolResponse, "<\uFF5Cend\u2581of\u2581sentence\uFF5C>",
        "[e~[",
    ];

    /// <summary>Structure of the Harmony format that stays visible, because its parser needs it.</summary>
    public static string[] AlwaysVisible { get; } = ["<|channel|>", "<|message|>", "<|start|>", "<|constrain|>"];

    /// <summary>Ends a message, not an answer, where <see cref="Return"/> and <see cref="Call"/> exist.</summary>
    public const string End = "<|end|>";

    /// <summary>Ends an answer (Harmony).</summary>
    public const string Return = "<|return|>";

    /// <summary>Ends an answer with a tool call (Harmony).</summary>
    public const string Call = "<|call|>";

    /// <summary>Ends an answer with tool calls (Solar).</summary>
    public const string Calls = "<|calls|>";

    /// <summary>Ends an answer (Solar).</summary>
    public const string Flush = "<|flush|>";

    /// <summary>Begins a tool's answer (Gemma 4).</summary>
    public const string ToolResponse = "<|tool_response>";

    /// <summary>The usual end of a sequence.</summary>
    public const string EndOfSequence = "</s>";
}
