using System.Runtime.CompilerServices;

namespace Hearth.Kernels.MatMul.Lanes;

/// <summary>Sums of products of codes, which all tokens share, with the tokens' values.</summary>
internal static unsafe class LaneSums
{
    /// <summary>Products of eight codes, summed to two 16-bit integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector Two<TLanes, TVector>(byte* codes, TVector a0, TVector a1)
        where TLanes : struct, ILaneOperations<TVector>
        where TVector : struct =>
        TLanes.AddShorts(TLanes.MultiplyBytes(TLanes.Broadcast(codes), a0), TLanes.MultiplyBytes(TLanes.Broadcast(codes + 4), a1));

    /// <summary>Products of 16 codes, summed to two 16-bit integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector Four<TLanes, TVector>(byte* codes, TVector a0, TVector a1, TVector a2, TVector a3)
        where TLanes : struct, ILaneOperations<TVector>
        where TVector : struct =>
        TLanes.AddShorts(Two<TLanes, TVector>(codes, a0, a1), Two<TLanes, TVector>(codes + 8, a2, a3));
}
