namespace Hearth.Engine.Devices;

/// <summary>The parameters of xIELU, the expanded integral of the exponential linear unit (arXiv:2411.13010).</summary>
/// <param name="AlphaN">The negative side's, before softplus.</param>
/// <param name="AlphaP">The positive side's, before softplus.</param>
/// <param name="Beta">The slope at zero.</param>
/// <param name="Epsilon">The bound of the exponent, just below zero.</param>
public readonly record struct ExpandedIntegral(float AlphaN, float AlphaP, float Beta, float Epsilon);
