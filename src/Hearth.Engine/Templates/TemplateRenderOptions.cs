using System.Collections.Frozen;

namespace Hearth.Engine.Templates;

/// <summary>How a template is rendered, and what a rendering may cost.</summary>
public sealed record TemplateRenderOptions
{
    private static readonly FrozenSet<string> s_specialTokens =
        new[] { "bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token", "mask_token" }.ToFrozenSet();

    /// <summary>The defaults.</summary>
    public static TemplateRenderOptions Default { get; } = new();

    /// <summary>Where <c>strftime_now</c> gets the local time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>
    /// The context's top-level string variables that count as template text, so that special tokens in them are recognised: the model's
    /// own special tokens. Everything else in the context is user text.
    /// </summary>
    public IReadOnlySet<string> TrustedVariables { get; init; } = s_specialTokens;

    /// <summary>The most steps: one per expression and statement, and more for operations on long strings and lists.</summary>
    public long MaxSteps { get; init; } = 10_000_000;

    /// <summary>The most characters (UTF-16) in the output and in any one string on the way to it.</summary>
    public int MaxLength { get; init; } = 32 * 1024 * 1024;

    /// <summary>The deepest nesting of expressions, blocks and macro calls while rendering.</summary>
    public int MaxDepth { get; init; } = 1000;
}
