using Hearth.Kernels.Activation;
using Hearth.Kernels.Norm;

namespace Hearth.Engine.Devices;

/// <content>Operations element by element.</content>
public sealed partial class CpuDevice
{
    private const float ClampedSwiGluAlpha = 1.702f;

    /// <inheritdoc/>
    public override void Activate(Activation activation, Tensor input, Tensor destination)
    {
        int count = input.Rows * input.Columns;
        if (activation.ExpandedIntegral is ExpandedIntegral unit)
        {
            ExpandedIntegralOp.Run(_pool, Span(input), unit.AlphaN, unit.AlphaP, unit.Beta, unit.Epsilon, Span(destination), count);
        }
        else
        {
            ActivationOp.Run(_pool, activation.Kind, Span(input), Span(destination), count);
        }
    }

    /// <inheritdoc/>
    public override void ActivateGated(Activation activation, Tensor gate, Tensor up, Tensor destination) => ActivateGated(activation, Span(gate), Span(up), Span(destination));

    /// <inheritdoc/>
    public override void Add(Tensor source, float factor, Tensor destination)
    {
        if (factor == 1)
        {
            AddOp.Run(_pool, Span(source), Span(destination));
        }
        else
        {
            ScaledAddOp.Run(_pool, factor, Span(source), Span(destination));
        }
    }

    /// <inheritdoc/>
    public override void AddVector(Tensor tensor, Tensor vector) => AddRowsOp.Run(_pool, Vector(vector), Span(tensor), tensor.Rows, tensor.Columns);

    /// <inheritdoc/>
    public override void Multiply(Tensor a, Tensor b, Tensor destination) => MultiplyOp.Run(_pool, Span(a), Span(b), Span(destination), a.Rows * a.Columns);

    /// <inheritdoc/>
    public override void MultiplyVector(Tensor tensor, Tensor vector) => MultiplyRowsOp.Run(_pool, Span(tensor), Vector(vector), Span(tensor), tensor.Rows, tensor.Columns);

    /// <inheritdoc/>
    public override void Scale(Tensor tensor, float factor)
    {
        if (factor == 0)
        {
            Span(tensor).Clear();
            return;
        }

        ScaleOp.Run(_pool, Span(tensor), factor);
    }

    /// <inheritdoc/>
    public override void ScaleRows(Tensor factors, Tensor tensor) => ScaleRowsOp.Run(_pool, Span(factors), Span(tensor), tensor.Rows, tensor.Columns);

    /// <inheritdoc/>
    public override void SoftCap(Tensor tensor, float cap) => SoftCapOp.Run(_pool, Span(tensor), cap);

    /// <inheritdoc/>
    public override void Clamp(Tensor tensor, float limit) => ClampOp.Run(_pool, Span(tensor), limit);

    /// <inheritdoc/>
    public override void SumRows(Tensor input, Tensor destination) => SumRowsOp.Run(_pool, Span(input), Span(destination), input.Rows, input.Columns);

    /// <inheritdoc/>
    public override void CopyColumns(Tensor source, int sourceColumn, Tensor destination, int destinationColumn, int width, int repeat = 1)
    {
        for (int row = 0; row < destination.Rows; row++)
        {
            Row(source, row / repeat).Slice(sourceColumn, width).CopyTo(Row(destination, row)[destinationColumn..]);
        }
    }

    private void ActivateGated(Activation activation, ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<float> destination)
    {
        if (activation.ClampLimit > 0)
        {
            ClampedSwiGluOp.Run(_pool, gate, up, ClampedSwiGluAlpha, activation.ClampLimit, destination, destination.Length);
        }
        else if (activation.OutputLimit > 0)
        {
            LimitedSwiGluOp.Run(_pool, gate, up, activation.OutputLimit, destination, destination.Length);
        }
        else
        {
            GatedActivationOp.Run(_pool, activation.Kind, gate, up, destination, destination.Length);
        }
    }
}
