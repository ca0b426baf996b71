using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>
/// The residual streams of AltUp (arXiv:2301.13310): several beside each other in one row, of which layers run only the first. Layers read
/// one set of streams and write the other.
/// </summary>
/// <param name="builder">The model in the making.</param>
internal sealed class AltUpStreams(ModelBuilder builder)
{
    /// <summary>Streams.</summary>
    public const int Count = 4;

    private readonly ScratchSlot _even = builder.Scratch.Reserve("even streams", Count * builder.Config.EmbeddingLength);
    private readonly ScratchSlot _odd = builder.Scratch.Reserve("odd streams", Count * builder.Config.EmbeddingLength);
    private readonly ScratchSlot _branch = builder.Scratch.Reserve("branch", builder.Config.EmbeddingLength);
    private readonly ScratchSlot _active = builder.Scratch.Reserve("active stream", builder.Config.EmbeddingLength);

    /// <summary>The streams in front of a layer, <c>[tokens, Count * embedding]</c>.</summary>
    public Tensor Before(in Step step, int layer) => step.Take(layer % 2 == 0 ? _even : _odd);

    /// <summary>Steps that make the streams from the embeddings, and the output from the streams.</summary>
    public (LayerStep Start, LayerStep End) Steps()
    {
        int embedding = builder.Config.EmbeddingLength;
        return (
            new StartStep(this, builder.Weights.Stack("altup_proj.weight", Count - 1, embedding, embedding)),
            new EndStep(this, builder.Weights.Stack("altup_unembd_proj.weight", Count - 1, embedding, embedding), builder.Config.LayerCount));
    }

    private sealed class StartStep(AltUpStreams owner, IReadOnlyList<Tensor> projections) : LayerStep
    {
        public override void Run(in Step step)
        {
            Device device = step.Device;
            Tensor hidden = step.Hidden;
            Tensor streams = owner.Before(step, 0);
            Tensor branch = step.Take(owner._branch);
            int width = hidden.Columns;
            device.CopyColumns(hidden, 0, streams, 0, width);
            for (int i = 0; i < projections.Count; i++)
            {
                device.MatMul(hidden, [new(projections[i], Tensor.None, branch)]);
                device.MatchLength(hidden, branch);
                device.CopyColumns(branch, 0, streams, (i + 1) * width, width);
            }
        }
    }

    private sealed class EndStep(AltUpStreams owner, IReadOnlyList<Tensor> projections, int layers) : LayerStep
    {
        public override void Run(in Step step)
        {
            Device device = step.Device;
            Tensor hidden = step.Hidden;
            Tensor streams = owner.Before(step, layers);
            Tensor branch = step.Take(owner._branch);
            Tensor active = step.Take(owner._active);
            int width = hidden.Columns;
            device.CopyColumns(streams, 0, hidden, 0, width);
            for (int i = 0; i < projections.Count; i++)
            {
                device.CopyColumns(streams, (i + 1) * width, active, 0, width);
                device.MatMul(active, [new(projections[i], Tensor.None, branch)]);
                device.CopyColumns(streams, 0, active, 0, width);
                device.MatchLength(active, branch);
                device.Add(branch, 1, hidden);
            }

            device.Scale(hidden, 1f / Count);
        }
    }
}
