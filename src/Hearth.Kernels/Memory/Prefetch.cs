using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Hearth.Kernels.Memory;

/// <summary>Asks for memory before it is needed. Addresses need not be valid.</summary>
internal static unsafe class Prefetch
{
    /// <summary>Bytes that come at once.</summary>
    internal const int LineBytes = 64;

    /// <summary>Brings one line into the nearest cache, where the processor can be told to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Line(void* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }

    /// <summary>Brings one line into the second cache, which has room for more requests at a time than the nearest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void FarLine(void* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch1(address);
        }
    }
}
