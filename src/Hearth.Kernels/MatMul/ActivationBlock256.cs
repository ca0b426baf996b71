using System.Runtime.InteropServices;

namespace Hearth.Kernels.MatMul;

/// <summary>256 quantised activations: value = Scale * Values[i].</summary>
[StructLayout(LayoutKind.Sequential, Size = 320)]
internal unsafe struct ActivationBlock256
{
    /// <summary>Elements of a block.</summary>
    internal const int Elements = 256;

    /// <summary>From -127 to 127.</summary>
    internal fixed sbyte Values[Elements];

    /// <summary>Sums of 16 values.</summary>
    internal fixed short Sums16[Elements / 16];

    /// <summary>Sums of 32 values.</summary>
    internal fixed short Sums32[Elements / 32];

    /// <summary>The scale.</summary>
    internal float Scale;
}
