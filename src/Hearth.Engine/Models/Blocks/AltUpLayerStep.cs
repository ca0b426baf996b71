using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>
/// A layer over the streams of AltUp (arXiv:2301.13310): predict all streams, run the layer on the first, correct all by how far the
/// prediction was off, and add the layer's own embedding to the others. Beside attention stands Laurel (arXiv:2411.07501), a low-rank
/// residual: <c>x + norm(R L x)</c>.
/// </summary>
internal sealed class AltUpLayerStep : LayerStep
{
    private readonly AltUpStreams _streams;
    private readonly int _layer;
    private readonly Block _mixer;
    private readonly Block _feedForward;
    private readonly Block _perLayer;
    private readonly AltUpRouter _router;
    private readonly Tensor _predict;
    private readonly Tensor _correct;
    private readonly Tensor _correctScale;
    private readonly Tensor _ones;
    private readonly Tensor _onesButFirst;
    private readonly Tensor _laurelLeft;
    private readonly Tensor _laurelRight;
    private readonly Normalization _mixerNorm;
    private readonly Normalization _mixerPostNorm;
    private readonly Normalization _feedForwardNorm;
    private readonly Normalization _feedForwardPostNorm;
    private readonly Normalization _laurelNorm;
    private readonly Normalization _perLayerNorm;
    private readonly ScratchSlot _coefficients;
    private readonly ScratchSlot _partCoefficients;
    private readonly ScratchSlot _active;
    private readonly ScratchSlot _normed;
    private readonly ScratchSlot _lowRank;
    private readonly ScratchSlot _laurel;
    private readonly ScratchSlot _branch;
    private readonly ScratchSlot _output;

    /// <param name="builder">The model in the making.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="streams">The streams.</param>
    /// <param name="laurelRank">The rank of Laurel's matrices.</param>
    /// <param name="blocks">The layer's blocks.</param>
    public AltUpLayerStep(ModelBuilder builder, int layer, AltUpStreams streams, int laurelRank, (Block Mixer, Block FeedForward, Block PerLayer) blocks)
    {
        const int Count = AltUpStreams.Count;
        WeightSource weights = builder.Weights;
        int embedding = builder.Config.EmbeddingLength;
        string prefix = $"blk.{layer}.";
        Normalization Norm(string name) => builder.Norm(prefix + name, NormKind.RootMeanSquare, embedding);

        _streams = streams;
        _layer = layer;
        (_mixer, _feedForward, _perLayer) = blocks;
        _router = new AltUpRouter(builder, layer);
        _predict = weights.Matrix(prefix + "altup_predict_coef.weight", Count * Count, Count);
        _correct = weights.Matrix(prefix + "altup_correct_coef.weight", Count, Count);
        _correctScale = weights.Vector(prefix + "altup_correct_scale.weight", embedding);
        _ones = weights.AddVector([1, 1, 1, 1]);
        _onesButFirst = weights.AddVector([0, 1, 1, 1]);
        _laurelLeft = weights.Matrix(prefix + "laurel_l.weight", laurelRank, embedding);
        _laurelRight = weights.Matrix(prefix + "laurel_r.weight", embedding, laurelRank);
        _mixerNorm = Norm("attn_norm");
        _mixerPostNorm = Norm("post_attention_norm");
        _feedForwardNorm = Norm("ffn_norm");
        _feedForwardPostNorm = Norm("post_ffw_norm");
        _laurelNorm = Norm("laurel_post_norm");
        _perLayerNorm = Norm("post_norm");
        _coefficients = builder.Scratch.Reserve("prediction", Count * Count);
        _partCoefficients = builder.Scratch.Reserve("correction", Count);
        _active = builder.Scratch.Reserve("active stream", embedding);
        _normed = builder.Scratch.Reserve("normed", embedding);
        _lowRank = builder.Scratch.Reserve("laurel rank", laurelRank);
        _laurel = builder.Scratch.Reserve("laurel", embedding);
        _branch = builder.Scratch.Reserve("branch", embedding);
        _output = builder.Scratch.Reserve("layer output", embedding);
    }

    public override void Run(in Step step)
    {
        Device device = step.Device;
        Tensor streams = _streams.Before(step, _layer);
        Tensor predictions = _streams.Before(step, _layer + 1);
        Tensor active = step.Take(_active);
        int width = active.Columns;

        Tensor coefficients = step.Take(_coefficients);
        device.CopyColumns(streams, 0, active, 0, width);
        device.MatMul(_router.Run(step, active), [new(_predict, Tensor.None, coefficients)]);
        device.CopyColumns(streams, 0, predictions, 0, predictions.Columns);
        device.MixParts(coefficients, streams, predictions, width);
        device.CopyColumns(predictions, 0, active, 0, width);

        Tensor output = RunBlocks(step, active);
        Tensor corrections = step.Take(_partCoefficients);
        device.MatMul(_router.Run(step, output), [new(_correct, Tensor.None, corrections)]);
        device.AddVector(corrections, _ones);
        device.Add(active, -1, output);
        device.MixParts(corrections, output, predictions, width);

        Tensor branch = step.Take(_branch);
        device.CopyColumns(predictions, 0, active, 0, width);
        device.MultiplyVector(active, _correctScale);
        _perLayer.Run(step, active, branch, accumulate: false);
        device.Norm(branch, _perLayerNorm, branch);
        device.Scale(corrections, 0);
        device.AddVector(corrections, _onesButFirst);
        device.MixParts(corrections, branch, predictions, width);
    }

    private Tensor RunBlocks(in Step step, Tensor active)
    {
        Device device = step.Device;
        Tensor normed = step.Take(_normed);
        Tensor lowRank = step.Take(_lowRank);
        Tensor laurel = step.Take(_laurel);
        Tensor branch = step.Take(_branch);
        Tensor output = step.Take(_output);
        device.Norm(active, _mixerNorm, normed);
        device.MatMul(normed, [new(_laurelLeft, Tensor.None, lowRank)]);
        device.MatMul(lowRank, [new(_laurelRight, Tensor.None, laurel)]);
        device.Norm(laurel, _laurelNorm, laurel);
        device.Add(normed, 1, laurel);

        _mixer.Run(step, normed, branch, accumulate: false);
        device.Norm(branch, _mixerPostNorm, branch);
        device.Add(active, 1, branch);
        device.Add(laurel, 1, branch);
        device.Scale(branch, 1 / MathF.Sqrt(2));

        device.Norm(branch, _feedForwardNorm, normed);
        _feedForward.Run(step, normed, output, accumulate: false);
        device.Norm(output, _feedForwardPostNorm, output);
        device.Add(branch, 1, output);
        return output;
    }
}
