using Hearth.Engine.Grammar;

namespace Hearth.Engine.Output.Replies;

/// <summary>What a reply of a model with tools must be.</summary>
public sealed record CallRules
{
    /// <summary>Whether it must be calls; otherwise the model may call or not.</summary>
    public bool MustCall { get; init; }

    /// <summary>The only tool that may be called; null for any.</summary>
    public string? Name { get; init; }

    /// <summary>Whether the reply ends after one call.</summary>
    public bool IsSingle { get; init; }

    /// <summary>What the text of a reply without calls must be; null for any text.</summary>
    public GenerationConstraint? Text { get; init; }
}

/// <summary>What a mark is in a vocabulary.</summary>
public enum MarkKind
{
    /// <summary>Text like any other.</summary>
    Text,

    /// <summary>A control token.</summary>
    Control,

    /// <summary>A token that ends the reply.</summary>
    End,
}
