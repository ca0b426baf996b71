namespace Hearth.Engine.Embedding;

/// <summary>How the states of a text's tokens become one vector; the values are those of <c>pooling_type</c>.</summary>
public enum PoolingKind
{
    /// <summary>Not at all: one vector for each token.</summary>
    None = 0,

    /// <summary>The mean of all tokens.</summary>
    Mean = 1,

    /// <summary>The first token.</summary>
    Cls = 2,

    /// <summary>The last token.</summary>
    Last = 3,

    /// <summary>A classifier's outputs.</summary>
    Rank = 4,
}
