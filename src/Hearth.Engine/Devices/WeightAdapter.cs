using Hearth.Kernels.MatMul;

namespace Hearth.Engine.Devices;

/// <summary>
/// A low-rank change of a weight matrix (arXiv:2106.09685): <c>y += s * up (down x)</c>, where s is the adapter's scale for the row times
/// this one.
/// </summary>
/// <param name="Adapter">The adapter's number, which finds the step's scales.</param>
/// <param name="Down">Weights <c>[rank, inputs]</c>.</param>
/// <param name="Up">Weights <c>[outputs, rank]</c>.</param>
/// <param name="Scale">The adapter's own factor, alpha over rank.</param>
public sealed record WeightAdapter(int Adapter, WeightMatrix Down, WeightMatrix Up, float Scale);
