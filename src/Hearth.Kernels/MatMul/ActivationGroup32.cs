using System.Runtime.InteropServices;

namespace Hearth.Kernels.MatMul;

/// <summary>Eight blocks of 32 quantised activations: value = Scales[block] * Values[i]. Blocks past the last column are zero.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ActivationGroup32
{
    /// <summary>Elements of a block.</summary>
    internal const int BlockElements = 32;

    /// <summary>Blocks of a group.</summary>
    internal const int Blocks = 8;

    /// <summary>Elements of a group.</summary>
    internal const int Elements = Blocks * BlockElements;

    /// <summary>From -127 to 127.</summary>
    internal fixed sbyte Values[Elements];

    /// <summary>A scale per block.</summary>
    internal fixed float Scales[Blocks];

    /// <summary>The sum of a block's values.</summary>
    internal fixed int Sums[Blocks];
}
