using Hearth.Kernels.Formats;
using Hearth.Kernels.Memory;

namespace Hearth.Kernels.MatMul;

/// <summary>
/// Products of weights, decoded to F32, with F32 activations. The canonical order, for every number of tokens and every instruction set:
/// 16 partial sums, partial l takes columns l, l + 16, … in order with one fused multiply-add each, the last columns padded with zeros
/// to 16; then the tree l + (l + 8), l + (l + 4), l + (l + 2), l + (l + 1).
/// </summary>
internal static unsafe partial class FloatDot
{
    /// <summary>Partial sums.</summary>
    internal const int Lanes = 16;

    /// <summary>The reference kernel of every format.</summary>
    internal static void Reference(MatMulTile* tile)
    {
        BlockFormat format = BlockFormat.Get(tile->Type);
        int padded = (tile->Columns + Lanes - 1) / Lanes * Lanes;
        float* decoded = Scratch.Rent(ScratchUse.Worker, padded);
        new Span<float>(decoded + tile->Columns, padded - tile->Columns).Clear();
        for (int row = 0; row < tile->Rows; row++)
        {
            format.Decode(tile->Weights + (row * tile->RowBytes), decoded, tile->Columns / format.BlockElements);
            for (int token = 0; token < tile->Tokens; token++)
            {
                float* source = (float*)(tile->Source + (token * tile->SourceBytes));
                tile->Destination[(token * tile->DestinationStride) + row] = Reference(decoded, source, padded);
            }
        }
    }

    private static float Reference(float* weights, float* source, int count)
    {
        Span<float> partial = stackalloc float[Lanes];
        partial.Clear();
        for (int i = 0; i < count; i++)
        {
            partial[i % Lanes] = MathF.FusedMultiplyAdd(weights[i], source[i], partial[i % Lanes]);
        }

        for (int half = Lanes / 2; half > 0; half /= 2)
        {
            for (int lane = 0; lane < half; lane++)
            {
                partial[lane] += partial[lane + half];
            }
        }

        return partial[0];
    }
}
