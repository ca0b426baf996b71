using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Activation;

/// <summary>A function of up to two inputs, element by element: y[i] = f(a[i], b[i], parameter).</summary>
internal interface IElementwise
{
    static abstract TLanes Apply<TLanes>(TLanes a, TLanes b, TLanes parameter)
        where TLanes : struct, ILanes<TLanes>;

    /// <summary>The scalar twin: the same bits.</summary>
    static abstract float Apply(float a, float b, float parameter);
}
