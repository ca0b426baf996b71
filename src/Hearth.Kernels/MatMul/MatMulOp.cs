using Hearth.Kernels.Formats;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.MatMul;

/// <summary>
/// Matrix products y = x W^T: y[token, row] is the product of a token's activations with a row of weights. A result depends on its own
/// token and row only: not on how many tokens or threads there are, nor on the instruction set. The orders of summation are stated at
/// <c>Block32Dot</c>, <c>Block256Dot</c> and <c>FloatDot</c>; <see cref="Activations.FormatFor"/> tells which of them a format has.
/// </summary>
public static unsafe class MatMulOp
{
    private const int SerialLimit = 16_384;
    private const int TileTokens = 16;

    /// <summary>Tokens for which rows are unpacked once.</summary>
    private const int UnpackedTileTokens = 512;

    /// <summary>Computes a product.</summary>
    /// <param name="pool">The workers; each takes a contiguous range of rows.</param>
    /// <param name="weights">[rows, columns].</param>
    /// <param name="activations">[tokens, columns], loaded in the form that <see cref="Activations.FormatFor"/> names.</param>
    /// <param name="destination">[tokens, rows].</param>
    /// <param name="accumulate">Whether results are added to what the destination holds, instead of replacing it.</param>
    /// <exception cref="ArgumentException">
    /// Shapes do not match, the activations lack the form that the weights need, or the weights are integers or 64-bit floats.
    /// </exception>
    public static void Run(
        ComputePool pool, in WeightMatrix weights, Activations activations, Span<float> destination, bool accumulate = false) =>
        Run(pool, weights, activations, destination, accumulate, InstructionSets.Level);

    internal static void Run(
        ComputePool pool, in WeightMatrix weights, Activations activations, Span<float> destination, bool accumulate, InstructionSetLevel level)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(activations);
        if (weights.Columns != activations.Columns)
        {
            throw new ArgumentException($"The weights have {weights.Columns} columns, the activations {activations.Columns}.", nameof(activations));
        }

        ActivationFormats format = Activations.FormatFor(weights.Type);
        if (!activations.Formats.HasFlag(format))
        {
            throw new ArgumentException(
                $"{weights.Type} weights need activations in the form {format}; {activations.Formats} was loaded.", nameof(activations));
        }

        long expected = (long)activations.Tokens * weights.Rows;
        if (destination.Length != expected)
        {
            throw new ArgumentException(
                $"The destination has {destination.Length} elements; {activations.Tokens} tokens of {weights.Rows} rows are {expected}.",
                nameof(destination));
        }

        if (weights.Type is TensorType.I8 or TensorType.I16 or TensorType.I32 or TensorType.I64 or TensorType.F64)
        {
            throw new ArgumentException($"Weights of type {weights.Type} cannot be multiplied; only float and quantised formats can.", nameof(weights));
        }

        if (expected == 0)
        {
            return;
        }

        fixed (float* pointer = destination)
        {
            MatMulJob job = new()
            {
                Kernel = MatMulKernels.Get(weights.Type, level),
                LaneKernel = activations.HasLanes ? MatMulKernels.GetLanes(weights.Type, level, activations.Tokens) : null,
                TileTokens = activations.HasLanes || Activations.AreFloats(weights.Type) ? UnpackedTileTokens : TileTokens,
                LaneBytes = (nint)(activations.LanePointer(format, 1) - activations.LanePointer(format, 0)),
                Accumulate = accumulate,
                Whole = new MatMulTile
                {
                    Type = weights.Type,
                    Weights = weights.Data,
                    RowBytes = (nint)weights.RowBytes,
                    Rows = weights.Rows,
                    Columns = weights.Columns,
                    Source = activations.Pointer(format),
                    SourceBytes = activations.TokenBytes(format),
                    Lanes = activations.LanePointer(format, 0),
                    Tokens = activations.Tokens,
                    Destination = pointer,
                    DestinationStride = weights.Rows,
                },
            };
            if (expected * weights.Columns <= SerialLimit)
            {
                job.Execute(0, 1);
            }
            else
            {
                pool.Run(ref job);
            }
        }

        GC.KeepAlive(activations);
    }
}
