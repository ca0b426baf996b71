using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Hearth.Kernels.MatMul.Neon;

/// <summary>A block of 256 weights, unpacked, with 32-bit scales and minimums for the kernel of many tokens.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NeonRow256
{
    /// <summary>The block.</summary>
    internal Block256 Block;

    /// <summary>Its scales.</summary>
    internal fixed int Scales[ActivationBlock256.Elements / Block256.SubBlock];

    /// <summary>Its minimums, in formats that have them.</summary>
    internal fixed int Minimums[ActivationBlock256.Elements / Block256.SubBlock];

    /// <summary>Unpacks a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Unpack<TCodes>(byte* weights, NeonRow256* row)
        where TCodes : struct, IBlock256Codes
    {
        TCodes.Unpack(weights, &row->Block);
        Vector128<sbyte> scales = Vector128.Load(row->Block.Scales);
        Store(Vector128.WidenLower(scales), row->Scales);
        Store(Vector128.WidenUpper(scales), row->Scales + 8);
        if (TCodes.HasMinimums)
        {
            Vector128<byte> minimums = Vector128.Load(row->Block.Minimums);
            Store(Vector128.WidenLower(minimums).AsInt16(), row->Minimums);
            Store(Vector128.WidenUpper(minimums).AsInt16(), row->Minimums + 8);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<short> values, int* destination)
    {
        Vector128.WidenLower(values).Store(destination);
        Vector128.WidenUpper(values).Store(destination + 4);
    }
}
