using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;

namespace Hearth.Engine.Models;

/// <summary>What a family composes.</summary>
internal sealed record DecoderDefinition
{
    /// <summary>What happens to the residual stream, first to last; the first step fills it.</summary>
    public required LayerStep[] Steps { get; init; }

    /// <summary>The last norm, or null.</summary>
    public Normalization? OutputNorm { get; init; }

    /// <summary>The head, or null for encoders.</summary>
    public OutputHead? Head { get; init; }

    /// <summary>What embeddings and ranks go through after pooling, or null.</summary>
    public PoolingHead? Pooling { get; init; }

    /// <summary>Positions that there are, for models with a table of them; null for any number.</summary>
    public int? PositionCount { get; init; }

    /// <summary>The factor of queries at a position; null for 1.</summary>
    public Func<int, float>? QueryScale { get; init; }
}
