using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Activation;

/// <summary>A function of up to two inputs, element by element: y[i] = f(a[i], b[i]). Its parameters are its fields.</summary>
internal interface IElementwise
{
    TLanes Apply<TLanes>(TLanes a, TLanes b)
        where TLanes : struct, ILanes<TLanes>;

    /// <summary>The scalar twin: the same bits.</summary>
    float Apply(float a, float b);
}
