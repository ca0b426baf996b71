using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hearth.Kernels.MatMul;

internal static unsafe partial class Block32Dot
{
    /// <summary>The kernel for vectors of 128 bits: eight blocks are unpacked once for all tokens of the tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Neon<TCodes>(MatMulTile* tile)
        where TCodes : struct, IBlock32Codes
    {
        sbyte* codes = stackalloc sbyte[ActivationGroup32.Elements];
        float* scales = stackalloc float[ActivationGroup32.Blocks];
        float* minimums = stackalloc float[ActivationGroup32.Blocks];
        for (int row = 0; row < tile->Rows; row++)
        {
            byte* weights = tile->Weights + (row * tile->RowBytes);
            for (int column = 0; column < tile->Columns; column += ActivationGroup32.Elements)
            {
                int blocks = Math.Min(ActivationGroup32.Blocks, (tile->Columns - column) / ActivationGroup32.BlockElements);
                new Span<sbyte>(codes, ActivationGroup32.Elements).Clear();
                for (int b = 0; b < ActivationGroup32.Blocks; b++)
                {
                    (scales[b], minimums[b]) = (0, 0);
                    if (b < blocks)
                    {
                        scales[b] = TCodes.Unpack(weights, codes + (b * ActivationGroup32.BlockElements));
                        minimums[b] = TCodes.Minimum(weights);
                        weights += TCodes.BlockBytes;
                    }
                }

                byte* source = tile->Source + (column / ActivationGroup32.Elements * sizeof(ActivationGroup32));
                float* destination = tile->Destination + row;
                for (int token = 0; token < tile->Tokens; token++, source += tile->SourceBytes, destination += tile->DestinationStride)
                {
                    Vector128<float> pairs = Group<TCodes>(codes, scales, minimums, (ActivationGroup32*)source);
                    float sum = column == 0 ? 0 : *destination;
                    sum += pairs.GetElement(0) + pairs.GetElement(2);
                    *destination = sum + (pairs.GetElement(1) + pairs.GetElement(3));
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Group<TCodes>(sbyte* codes, float* scales, float* minimums, ActivationGroup32* source)
        where TCodes : struct, IBlock32Codes
    {
        Vector128<float> lowScales = Vector128.Load(source->Scales), highScales = Vector128.Load(source->Scales + 4);
        Vector128<float> pairs = FourBlocks(codes, source->Values) * (Vector128.Load(scales) * lowScales);
        if (TCodes.HasMinimum)
        {
            Vector128<float> sums = lowScales * Vector128.ConvertToSingle(Vector128.Load(source->Sums));
            pairs = Vector128.FusedMultiplyAdd(Vector128.Load(minimums), sums, pairs);
        }

        pairs = Vector128.FusedMultiplyAdd(FourBlocks(codes + 128, source->Values + 128), Vector128.Load(scales + 4) * highScales, pairs);
        if (TCodes.HasMinimum)
        {
            Vector128<float> sums = highScales * Vector128.ConvertToSingle(Vector128.Load(source->Sums + 4));
            pairs = Vector128.FusedMultiplyAdd(Vector128.Load(minimums + 4), sums, pairs);
        }

        return pairs;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> FourBlocks(sbyte* codes, sbyte* values) => Vector128.ConvertToSingle(Vector128.Create(
        OneBlock(codes, values), OneBlock(codes + 32, values + 32), OneBlock(codes + 64, values + 64), OneBlock(codes + 96, values + 96)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int OneBlock(sbyte* codes, sbyte* values) =>
        Vector128.Sum(ByteDot.Sixteen(codes, values) + ByteDot.Sixteen(codes + 16, values + 16));
}
