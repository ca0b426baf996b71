namespace Hearth.Kernels.Simd;

/// <summary>
/// Work over units that do not depend on each other (rows, channels, heads), written once over <see cref="ILanes{TSelf}"/>.
/// </summary>
internal interface ILaneKernel
{
    /// <summary>Does the units [start, end).</summary>
    void Run<TLanes>(int start, int end)
        where TLanes : struct, ILanes<TLanes>;

    /// <summary>The scalar twin: the same bits.</summary>
    void Reference(int start, int end);
}
