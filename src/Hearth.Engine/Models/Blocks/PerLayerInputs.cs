using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>
/// A second embedding of each token with a part for each layer (Gemma 3n): <c>e = (sqrt(width) * table[token] + norm(projection x /
/// sqrt(embedding))) / sqrt(2)</c> with x the scaled embedding. <see cref="PerLayerBlock"/> uses the parts.
/// </summary>
internal sealed class PerLayerInputs : LayerStep
{
    private readonly Tensor _table;
    private readonly Tensor _projection;
    private readonly Normalization _norm;
    private readonly ScratchSlot _projected;
    private readonly int _layers;

    public PerLayerInputs(ModelBuilder builder, int width)
    {
        _layers = builder.Config.LayerCount;
        int length = checked(_layers * width);
        Width = width;
        _table = builder.Weights.Matrix("per_layer_token_embd.weight", builder.Config.VocabularySize, length);
        _projection = builder.Weights.Matrix("per_layer_model_proj.weight", length, builder.Config.EmbeddingLength);
        _norm = builder.Norm("per_layer_proj_norm", NormKind.RootMeanSquare, width);
        Slot = builder.Scratch.Reserve("per-layer inputs", length);
        _projected = builder.Scratch.Reserve("per-layer projection", length);
    }

    /// <summary>Elements of a layer's part.</summary>
    public int Width { get; }

    /// <summary>All parts, <c>[tokens, layers * width]</c>.</summary>
    public ScratchSlot Slot { get; }

    public override void Run(in Step step)
    {
        Device device = step.Device;
        Tensor inputs = step.Take(Slot);
        Tensor projected = step.Take(_projected);
        device.EmbedTokens(_table, inputs);
        device.Scale(inputs, MathF.Sqrt(Width));
        device.MatMul(step.Hidden, [new(_projection, Tensor.None, projected)]);
        device.Scale(projected, 1 / MathF.Sqrt(step.Hidden.Columns));
        Tensor parts = projected.Split(_layers);
        device.Norm(parts, _norm, parts);
        device.Add(projected, 1, inputs);
        device.Scale(inputs, 1 / MathF.Sqrt(2));
    }
}
