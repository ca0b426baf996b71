using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Hearth.Kernels.MatMul.Neon;

/// <summary>256 columns of a row of weights in blocks of 32, unpacked.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NeonRow32
{
    /// <summary>Signed codes.</summary>
    internal fixed sbyte Codes[ActivationGroup32.Elements];

    /// <summary>A scale per block; 0 for blocks past the last column.</summary>
    internal fixed float Scales[ActivationGroup32.Blocks];

    /// <summary>A minimum per block, in formats that have them; 0 for blocks past the last column.</summary>
    internal fixed float Minimums[ActivationGroup32.Blocks];

    /// <summary>Unpacks blocks.</summary>
    /// <param name="weights">The first block.</param>
    /// <param name="blocks">How many there are; up to eight.</param>
    /// <param name="row">Where they go.</param>
    /// <param name="table">The format's table.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Unpack<TFormat>(byte* weights, int blocks, NeonRow32* row, float* table)
        where TFormat : struct, IBlock32Neon
    {
        for (int b = 0; b < blocks; b++, weights += TFormat.BlockBytes)
        {
            row->Scales[b] = TFormat.Scale(weights, table);
            row->Minimums[b] = TFormat.HasMinimum ? table[*(ushort*)(weights + 2)] : 0;
            TFormat.Load(weights, out Vector128<sbyte> first, out Vector128<sbyte> last);
            first.Store(row->Codes + (b * ActivationGroup32.BlockElements));
            last.Store(row->Codes + (b * ActivationGroup32.BlockElements) + 16);
        }

        for (int b = blocks; b < ActivationGroup32.Blocks; b++)
        {
            (row->Scales[b], row->Minimums[b]) = (0, 0);
        }
    }
}
