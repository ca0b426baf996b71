namespace Hearth.Kernels.MatMul;

/// <summary>
/// Products of weights in blocks of 256 with 8-bit activations. The canonical order, for every number of tokens and every instruction set:
/// per block, I = sum of scale_j * code * activation and M = sum of minimum_j * activation, exact integers;
/// v = I * Scale (rounded), v = fma(-M, MinimumScale, v), sum = fma(v, activationScale, sum). All in F32, to nearest.
/// </summary>
internal static unsafe partial class Block256Dot
{
    /// <summary>The reference kernel of a format.</summary>
    internal static void Reference<TCodes>(MatMulTile* tile)
        where TCodes : struct, IBlock256Codes
    {
        for (int token = 0; token < tile->Tokens; token++)
        {
            ActivationBlock256* source = (ActivationBlock256*)(tile->Source + (token * tile->SourceBytes));
            float* destination = tile->Destination + (token * tile->DestinationStride);
            for (int row = 0; row < tile->Rows; row++)
            {
                destination[row] = Reference<TCodes>(tile->Weights + (row * tile->RowBytes), source, tile->Columns);
            }
        }
    }

    private static float Reference<TCodes>(byte* weights, ActivationBlock256* source, int columns)
        where TCodes : struct, IBlock256Codes
    {
        Block256 block = default;
        float sum = 0;
        for (int column = 0; column < columns; column += ActivationBlock256.Elements, source++, weights += TCodes.BlockBytes)
        {
            TCodes.Unpack(weights, &block);
            int products = 0, minimums = 0;
            for (int i = 0; i < ActivationBlock256.Elements; i++)
            {
                products += block.Scales[i / Block256.SubBlock] * block.Codes[i] * source->Values[i];
                minimums += block.Minimums[i / Block256.SubBlock] * source->Values[i];
            }

            float value = products * block.Scale;
            value = MathF.FusedMultiplyAdd(-(float)minimums, block.MinimumScale, value);
            sum = MathF.FusedMultiplyAdd(value, source->Scale, sum);
        }

        return sum;
    }
}
