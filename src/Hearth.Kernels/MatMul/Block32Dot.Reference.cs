namespace Hearth.Kernels.MatMul;

/// <summary>
/// Products of weights in blocks of 32 with 8-bit activations. The canonical order, for every number of tokens and every instruction set:
/// in groups of eight blocks b, S_b is the exact integer product, D_b = scale_b * activationScale_b (rounded), missing blocks are zero;
/// q_j = fma(D_(j+4), S_(j+4), D_j * S_j) for j = 0..3; in formats with minimums m_b, after each of the two products,
/// q_j = fma(m_b, A_b, q_j) with A_b = activationScale_b * the sum of the block's 8-bit activations (rounded); then sum += q_0 + q_2 and
/// sum += q_1 + q_3. All in F32, to nearest.
/// </summary>
internal static unsafe partial class Block32Dot
{
    /// <summary>The reference kernel of a format.</summary>
    internal static void Reference<TCodes>(MatMulTile* tile)
        where TCodes : struct, IBlock32Codes
    {
        for (int token = 0; token < tile->Tokens; token++)
        {
            ActivationGroup32* source = (ActivationGroup32*)(tile->Source + (token * tile->SourceBytes));
            float* destination = tile->Destination + (token * tile->DestinationStride);
            for (int row = 0; row < tile->Rows; row++)
            {
                destination[row] = Reference<TCodes>(tile->Weights + (row * tile->RowBytes), source, tile->Columns);
            }
        }
    }

    private static float Reference<TCodes>(byte* weights, ActivationGroup32* source, int columns)
        where TCodes : struct, IBlock32Codes
    {
        float* scales = stackalloc float[ActivationGroup32.Blocks];
        float* products = stackalloc float[ActivationGroup32.Blocks];
        float* minimums = stackalloc float[ActivationGroup32.Blocks];
        float* pairs = stackalloc float[ActivationGroup32.Blocks / 2];
        sbyte* codes = stackalloc sbyte[ActivationGroup32.BlockElements];
        float sum = 0;
        for (int column = 0; column < columns; source++)
        {
            for (int b = 0; b < ActivationGroup32.Blocks; b++)
            {
                (scales[b], products[b], minimums[b]) = (0, 0, 0);
                if (column < columns)
                {
                    scales[b] = TCodes.Unpack(weights, codes) * source->Scales[b];
                    products[b] = IntegerDot(codes, source->Values + (b * ActivationGroup32.BlockElements));
                    minimums[b] = TCodes.Minimum(weights);
                    weights += TCodes.BlockBytes;
                    column += ActivationGroup32.BlockElements;
                }
            }

            for (int j = 0; j < 4; j++)
            {
                float pair = scales[j] * products[j];
                if (TCodes.HasMinimum)
                {
                    pair = MathF.FusedMultiplyAdd(minimums[j], source->Scales[j] * source->Sums[j], pair);
                }

                pair = MathF.FusedMultiplyAdd(scales[j + 4], products[j + 4], pair);
                if (TCodes.HasMinimum)
                {
                    pair = MathF.FusedMultiplyAdd(minimums[j + 4], source->Scales[j + 4] * source->Sums[j + 4], pair);
                }

                pairs[j] = pair;
            }

            sum += pairs[0] + pairs[2];
            sum += pairs[1] + pairs[3];
        }

        return sum;
    }

    private static int IntegerDot(sbyte* codes, sbyte* values)
    {
        int sum = 0;
        for (int i = 0; i < ActivationGroup32.BlockElements; i++)
        {
            sum += codes[i] * values[i];
        }

        return sum;
    }
}
