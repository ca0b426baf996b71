using Hearth.Engine.Gguf;
using Hearth.Kernels.MatMul;

namespace Hearth.Engine.Models;

/// <summary>The memory that steps compute in, from a model's shapes.</summary>
internal sealed class ActivationMemory
{
    private const int OutputRows = 16;

    // Rounded inputs, and the same again with an element per token for products of many tokens.
    private const double QuantisedInputBytes = 2.4;

    // Code of the kernels, stacks, and the garbage collector's own: measured with models of a few kilobytes.
    private const long RuntimeBytes = 10L << 20;
    private readonly long _scratchColumns;
    private readonly long _embedding;
    private readonly long _vocabulary;
    private readonly double _inputBytes;
    private readonly double _expertBytes;

    public ActivationMemory(ModelBuilder builder, DecoderDefinition definition, IReadOnlyList<GgufTensor> tensors)
    {
        _scratchColumns = builder.Scratch.Columns;
        _embedding = builder.Config.EmbeddingLength;
        _vocabulary = definition.Head is null ? 0 : builder.Config.VocabularySize;
        IEnumerable<GgufTensor> matrices = tensors.Where(tensor => tensor.Dimensions.Length > 1);
        _inputBytes = matrices.GroupBy(tensor => Activations.FormatFor(tensor.Type)).Sum(
            group => group.Max(tensor => tensor.Columns) * (Activations.AreFloats(group.First().Type) ? sizeof(float) : QuantisedInputBytes));
        GgufTensor[] stacks = [.. matrices.Where(tensor => tensor.Dimensions.Length == 3)];
        _expertBytes = stacks.Length == 0 ? 0 : stacks.Max(tensor => tensor.Columns + tensor.Dimensions[1]) * 2.0 * sizeof(float);
    }

    /// <summary>Bytes for steps of these many tokens.</summary>
    public long Bytes(int tokens, int parallel)
    {
        double step = tokens * ((_scratchColumns * sizeof(float)) + _inputBytes + _expertBytes);
        long outputs = (OutputRows * (_embedding + _vocabulary)) + (_vocabulary * Math.Max(1, parallel) * 2);
        return (long)step + (outputs * sizeof(float)) + RuntimeBytes;
    }
}
