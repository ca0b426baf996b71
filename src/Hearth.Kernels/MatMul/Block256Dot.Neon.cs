using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hearth.Kernels.MatMul;

internal static unsafe partial class Block256Dot
{
    /// <summary>The kernel for vectors of 128 bits: a block is unpacked once for all tokens of the tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Neon<TCodes>(MatMulTile* tile)
        where TCodes : struct, IBlock256Codes
    {
        Block256 block = default;
        for (int row = 0; row < tile->Rows; row++)
        {
            byte* weights = tile->Weights + (row * tile->RowBytes);
            for (int i = 0; i < tile->Columns / ActivationBlock256.Elements; i++, weights += TCodes.BlockBytes)
            {
                TCodes.Unpack(weights, &block);
                byte* source = tile->Source + (i * sizeof(ActivationBlock256));
                float* destination = tile->Destination + row;
                for (int token = 0; token < tile->Tokens; token++, source += tile->SourceBytes, destination += tile->DestinationStride)
                {
                    *destination = Add(&block, (ActivationBlock256*)source, i == 0 ? 0 : *destination);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Add(Block256* block, ActivationBlock256* source, float sum)
    {
        Vector128<int> products = Vector128<int>.Zero;
        for (int i = 0; i < ActivationBlock256.Elements / Block256.SubBlock; i++)
        {
            products += ByteDot.Sixteen(block->Codes + (Block256.SubBlock * i), source->Values + (Block256.SubBlock * i)) * block->Scales[i];
        }

        float value = Vector128.Sum(products) * block->Scale;
        if (block->MinimumScale != 0)
        {
            Vector128<byte> packed = Vector128.Load(block->Minimums);
            Vector128<int> minimums = Minimums(Vector128.WidenLower(packed), source->Sums16) + Minimums(Vector128.WidenUpper(packed), source->Sums16 + 8);
            value = MathF.FusedMultiplyAdd(-(float)Vector128.Sum(minimums), block->MinimumScale, value);
        }

        return MathF.FusedMultiplyAdd(value, source->Scale, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Minimums(Vector128<ushort> minimums, short* sums)
    {
        Vector128<short> source = Vector128.Load(sums);
        return (Vector128.WidenLower(minimums).AsInt32() * Vector128.WidenLower(source))
            + (Vector128.WidenUpper(minimums).AsInt32() * Vector128.WidenUpper(source));
    }
}
