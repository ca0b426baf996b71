using Hearth.Kernels.Formats;
using Hearth.Kernels.Memory;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.MatMul;

/// <summary>
/// Matrix products y = x W^T: y[token, row] is the product of a token's activations with a row of weights. A result depends on its own
/// token and row only: not on how many tokens or threads there are, nor on the instruction set. The orders of summation are stated at
/// <c>Block32Dot</c>, <c>Block256Dot</c> and <c>FloatDot</c>; <see cref="Activations.FormatFor"/> tells which of them a format has.
/// </summary>
public static unsafe class MatMulOp
{
    private const int TileTokens = 16;

    /// <summary>Tokens for which rows are unpacked once.</summary>
    private const int UnpackedTileTokens = 512;

    /// <summary>Computes a product.</summary>
    /// <param name="pool">The workers; each begins with a contiguous range of rows.</param>
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

    /// <summary>Computes several products at once: workers meet only at the end of all of them.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="products">The products.</param>
    /// <exception cref="ArgumentException">As for one product; or a result does not fit its buffer.</exception>
    /// <exception cref="ObjectDisposedException">A destination was disposed.</exception>
    public static void Run(ComputePool pool, ReadOnlySpan<MatMulProduct> products) => Run(pool, products, InstructionSets.Level);

    internal static void Run(ComputePool pool, ReadOnlySpan<MatMulProduct> products, InstructionSetLevel level)
    {
        ArgumentNullException.ThrowIfNull(pool);
        MatMulJob* jobs = (MatMulJob*)Scratch.Rent(ScratchUse.Plan, ((long)products.Length * sizeof(MatMulJob) / sizeof(float)) + 1);
        int count = 0;
        foreach (MatMulProduct product in products)
        {
            ArgumentNullException.ThrowIfNull(product.Input);
            ArgumentNullException.ThrowIfNull(product.Destination);
            if (product.Token is int token && (uint)token >= (uint)product.Input.Tokens)
            {
                throw new ArgumentException($"There is no token {token} in an input of {product.Input.Tokens}.", nameof(products));
            }

            int tokens = product.Token is null ? product.Input.Tokens : 1;
            long length = (long)tokens * product.Weights.Rows;
            Span<float> all = product.Destination.Span;
            if (product.Offset < 0 || product.Offset > all.Length || length > all.Length - product.Offset)
            {
                throw new ArgumentException(
                    $"A result of {length} elements from {product.Offset} on does not fit a buffer of {all.Length}.", nameof(products));
            }

            Check(product.Weights, product.Input);
            if (length > 0)
            {
                jobs[count++] = Plan(
                    product.Weights, product.Input, product.Token ?? 0, tokens, product.Destination.Pointer + product.Offset, product.Accumulate, level);
            }
        }

        MatMulJobs.Run(pool, jobs, count);
        foreach (MatMulProduct product in products)
        {
            GC.KeepAlive(product.Input);
            GC.KeepAlive(product.Destination);
        }
    }

    internal static void Run(
        ComputePool pool, in WeightMatrix weights, Activations activations, Span<float> destination, bool accumulate, InstructionSetLevel level)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(activations);
        Check(weights, activations);
        long expected = (long)activations.Tokens * weights.Rows;
        if (destination.Length != expected)
        {
            throw new ArgumentException(
                $"The destination has {destination.Length} elements; {activations.Tokens} tokens of {weights.Rows} rows are {expected}.",
                nameof(destination));
        }

        if (destination.IsEmpty)
        {
            return;
        }

        fixed (float* pointer = destination)
        {
            MatMulJob job = Plan(weights, activations, 0, activations.Tokens, pointer, accumulate, level);
            MatMulJobs.Run(pool, &job, 1);
        }

        GC.KeepAlive(activations);
    }

    private static void Check(in WeightMatrix weights, Activations activations)
    {
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

        if (weights.Type is TensorType.I8 or TensorType.I16 or TensorType.I32 or TensorType.I64 or TensorType.F64)
        {
            throw new ArgumentException($"Weights of type {weights.Type} cannot be multiplied; only float and quantised formats can.", nameof(weights));
        }
    }

    private static MatMulJob Plan(
        in WeightMatrix weights, Activations activations, int token, int tokens, float* destination, bool accumulate, InstructionSetLevel level)
    {
        ActivationFormats format = Activations.FormatFor(weights.Type);
        bool lanes = activations.HasLanes && tokens == activations.Tokens;
        return new MatMulJob
        {
            Kernel = MatMulKernels.Get(weights.Type, level),
            LaneKernel = lanes ? MatMulKernels.GetLanes(weights.Type, level, tokens) : null,
            TileTokens = lanes || Activations.AreFloats(weights.Type) ? UnpackedTileTokens : TileTokens,
            LaneBytes = (nint)(activations.LanePointer(format, 1) - activations.LanePointer(format, 0)),
            Accumulate = accumulate,
            Whole = new MatMulTile
            {
                Type = weights.Type,
                Weights = weights.Data,
                RowBytes = (nint)weights.RowBytes,
                Rows = weights.Rows,
                Columns = weights.Columns,
                Source = activations.Pointer(format) + (token * activations.TokenBytes(format)),
                SourceBytes = activations.TokenBytes(format),
                Lanes = activations.LanePointer(format, 0),
                Tokens = tokens,
                Destination = destination,
                DestinationStride = weights.Rows,
            },
        };
    }
}
