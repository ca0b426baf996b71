using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>
/// Fills the residual stream: token embeddings, scaled; positions and token types added; then a norm, each if the model has it.
/// </summary>
internal sealed class EmbeddingStep : LayerStep
{
    private readonly float _scale;
    private readonly Tensor _positions;
    private readonly Tensor _type;
    private readonly Normalization? _norm;
    private readonly ScratchSlot _branch;

    public EmbeddingStep(ModelBuilder builder, ModelDescription description)
    {
        int embedding = builder.Config.EmbeddingLength;
        Table = builder.Weights.Matrix(description.EmbeddingTable, builder.Config.VocabularySize, embedding);
        _scale = description.EmbeddingScale;
        _positions = description.LearnedPositions ? builder.Weights.Matrix("position_embd.weight", builder.Config.ContextLength, embedding) : Tensor.None;
        _norm = description.EmbeddingNorm is NormKind kind ? builder.Norm("token_embd_norm", kind, embedding) : null;
        _branch = builder.Scratch.Reserve("branch", embedding);
        int types = description.TokenTypes ? builder.Header.TokenTypeCount() : 0;
        if (types > 0 && builder.Weights.OptionalFloats("token_types.weight", embedding, types) is { Length: > 0 } values)
        {
            _type = builder.Weights.AddVector(values.AsSpan(0, embedding));
        }
    }

    /// <summary>The token embeddings <c>[vocabulary, embedding]</c>.</summary>
    public Tensor Table { get; }

    public override void Run(in Step step)
    {
        Device device = step.Device;
        Tensor hidden = step.Hidden;
        device.EmbedTokens(Table, hidden);
        if (_scale != 1)
        {
            device.Scale(hidden, _scale);
        }

        if (!_type.IsNone)
        {
            device.AddVector(hidden, _type);
        }

        if (!_positions.IsNone)
        {
            Tensor branch = step.Take(_branch);
            device.EmbedPositions(_positions, branch);
            device.Add(branch, 1, hidden);
        }

        if (_norm is Normalization norm)
        {
            device.Norm(hidden, norm, hidden);
        }
    }
}
