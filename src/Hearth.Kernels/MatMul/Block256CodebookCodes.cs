using System.Runtime.CompilerServices;
using Hearth.Kernels.Formats;

namespace Hearth.Kernels.MatMul;

/// <summary>Values of <see cref="IQ2_XXS"/>: integers.</summary>
internal readonly unsafe struct IQ2_XXSCodes : IBlock256Codes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(IQ2_XXS);

    /// <inheritdoc/>
    public static int SubBlock => 32;

    /// <inheritdoc/>
    public static float ScaleFactor => 0.125f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, Block256* destination)
    {
        IQ2_XXS* source = (IQ2_XXS*)block;
        ulong* grid = IQ2_XXS.Grid;
        ulong* masks = Codebook.SignMasks;
        byte* even = Codebook.EvenSigns;
        ulong* codes = (ulong*)destination->Codes;
        destination->Scale = HalfTable.ToSingle(source->Scale) * ScaleFactor;
        destination->MinimumScale = 0;
        for (int b = 0; b < ActivationBlock256.Elements / 32; b++, codes += 4)
        {
            uint indices = source->Words[2 * b], signs = source->Words[(2 * b) + 1];
            sbyte scale = (sbyte)(1 + (2 * (int)(signs >> 28)));
            (destination->Scales[2 * b], destination->Scales[(2 * b) + 1]) = (scale, scale);
            for (int l = 0; l < 4; l++)
            {
                codes[l] = Codebook.Signed(grid[(byte)(indices >> (8 * l))], masks[even[(signs >> (7 * l)) & 127]]);
            }
        }
    }
}

/// <summary>Values of <see cref="IQ2_XS"/>: integers.</summary>
internal readonly unsafe struct IQ2_XSCodes : IBlock256Codes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(IQ2_XS);

    /// <inheritdoc/>
    public static float ScaleFactor => 0.125f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, Block256* destination)
    {
        IQ2_XS* source = (IQ2_XS*)block;
        ulong* grid = IQ2_XS.Grid;
        ulong* masks = Codebook.SignMasks;
        byte* even = Codebook.EvenSigns;
        ulong* codes = (ulong*)destination->Codes;
        destination->Scale = HalfTable.ToSingle(source->Scale) * ScaleFactor;
        destination->MinimumScale = 0;
        for (int b = 0; b < ActivationBlock256.Elements / 32; b++, codes += 4)
        {
            destination->Scales[2 * b] = (sbyte)(1 + (2 * (source->SubScales[b] & 15)));
            destination->Scales[(2 * b) + 1] = (sbyte)(1 + (2 * (source->SubScales[b] >> 4)));
            for (int l = 0; l < 4; l++)
            {
                int code = source->Codes[(4 * b) + l];
                codes[l] = Codebook.Signed(grid[code & 511], masks[even[code >> 9]]);
            }
        }
    }
}

/// <summary>Values of <see cref="IQ2_S"/>: integers.</summary>
internal readonly unsafe struct IQ2_SCodes : IBlock256Codes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(IQ2_S);

    /// <inheritdoc/>
    public static float ScaleFactor => 0.125f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, Block256* destination)
    {
        IQ2_S* source = (IQ2_S*)block;
        ulong* grid = IQ2_S.Grid;
        ulong* masks = Codebook.SignMasks;
        ulong* codes = (ulong*)destination->Codes;
        destination->Scale = HalfTable.ToSingle(source->Scale) * ScaleFactor;
        destination->MinimumScale = 0;
        for (int b = 0; b < ActivationBlock256.Elements / 32; b++, codes += 4)
        {
            destination->Scales[2 * b] = (sbyte)(1 + (2 * (source->SubScales[b] & 15)));
            destination->Scales[(2 * b) + 1] = (sbyte)(1 + (2 * (source->SubScales[b] >> 4)));
            for (int l = 0; l < 4; l++)
            {
                int index = source->Codes[(4 * b) + l] | ((source->HighBits[b] >> (2 * l) & 3) << 8);
                codes[l] = Codebook.Signed(grid[index], masks[source->Signs[(4 * b) + l]]);
            }
        }
    }
}

/// <summary>Values of <see cref="IQ3_XXS"/>: integers.</summary>
internal readonly unsafe struct IQ3_XXSCodes : IBlock256Codes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(IQ3_XXS);

    /// <inheritdoc/>
    public static int SubBlock => 32;

    /// <inheritdoc/>
    public static float ScaleFactor => 0.25f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, Block256* destination)
    {
        IQ3_XXS* source = (IQ3_XXS*)block;
        uint* grid = IQ3_XXS.Grid;
        ulong* masks = Codebook.SignMasks;
        byte* even = Codebook.EvenSigns;
        ulong* codes = (ulong*)destination->Codes;
        destination->Scale = HalfTable.ToSingle(source->Scale) * ScaleFactor;
        destination->MinimumScale = 0;
        for (int b = 0; b < ActivationBlock256.Elements / 32; b++, codes += 4)
        {
            uint signs = source->Signs[b];
            byte* indices = source->Codes + (8 * b);
            sbyte scale = (sbyte)(1 + (2 * (int)(signs >> 28)));
            (destination->Scales[2 * b], destination->Scales[(2 * b) + 1]) = (scale, scale);
            for (int l = 0; l < 4; l++)
            {
                ulong vector = grid[indices[2 * l]] | ((ulong)grid[indices[(2 * l) + 1]] << 32);
                codes[l] = Codebook.Signed(vector, masks[even[(signs >> (7 * l)) & 127]]);
            }
        }
    }
}

/// <summary>Values of <see cref="IQ3_S"/>: integers.</summary>
internal readonly unsafe struct IQ3_SCodes : IBlock256Codes
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(IQ3_S);

    /// <inheritdoc/>
    public static int SubBlock => 32;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, Block256* destination)
    {
        IQ3_S* source = (IQ3_S*)block;
        uint* grid = IQ3_S.Grid;
        ulong* masks = Codebook.SignMasks;
        ulong* codes = (ulong*)destination->Codes;
        destination->Scale = HalfTable.ToSingle(source->Scale);
        destination->MinimumScale = 0;
        for (int b = 0; b < ActivationBlock256.Elements / 32; b++, codes += 4)
        {
            byte* indices = source->Codes + (8 * b);
            sbyte scale = (sbyte)(1 + (2 * (source->SubScales[b / 2] >> (b % 2 * 4) & 15)));
            (destination->Scales[2 * b], destination->Scales[(2 * b) + 1]) = (scale, scale);
            for (int l = 0; l < 4; l++)
            {
                int high = source->HighBits[b] >> (2 * l);
                uint first = grid[indices[2 * l] | ((high & 1) << 8)], second = grid[indices[(2 * l) + 1] | ((high & 2) << 7)];
                codes[l] = Codebook.Signed(first | ((ulong)second << 32), masks[source->Signs[(4 * b) + l]]);
            }
        }
    }
}
