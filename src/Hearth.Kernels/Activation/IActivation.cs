using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Activation;

/// <summary>A function of one input without parameters.</summary>
internal interface IActivation
{
    static abstract TLanes Apply<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>;

    /// <summary>The scalar twin: the same bits.</summary>
    static abstract float Apply(float x);
}
