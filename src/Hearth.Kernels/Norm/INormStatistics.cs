using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Norm;

/// <summary>What a normalisation measures of a row.</summary>
internal unsafe interface INormStatistics
{
    /// <summary>What is subtracted from every element, and what the difference is multiplied by.</summary>
    static abstract void Measure<TLanes>(float* x, int columns, float epsilon, out float center, out float inverse)
        where TLanes : struct, ILanes<TLanes>;

    /// <summary>The scalar twin: the same bits.</summary>
    static abstract void Measure(ReadOnlySpan<float> x, float epsilon, out float center, out float inverse);
}
