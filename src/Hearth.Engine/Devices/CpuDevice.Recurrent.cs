using Hearth.Engine.Cache;
using Hearth.Kernels.Conv;
using Hearth.Kernels.Scan;

namespace Hearth.Engine.Devices;

/// <content>Operations over time: one kernel call for each sequence of the step.</content>
public sealed partial class CpuDevice
{
    /// <inheritdoc/>
    public override void Convolve(Tensor input, Tensor weight, Tensor bias, RecurrentState state, Tensor destination)
    {
        int channels = input.Columns;
        int kernel = weight.Columns / channels;
        for (int sequence = 0; sequence < _step.SequenceCount; sequence++)
        {
            CausalConvOp.Run(
                _pool,
                Rows(input, sequence),
                Vector(weight),
                Vector(bias),
                State(state, sequence),
                Rows(destination, sequence),
                _step.RowCounts[sequence],
                channels,
                kernel);
        }
    }

    /// <inheritdoc/>
    public override void SelectiveScan(Tensor input, Tensor steps, Tensor b, Tensor c, Tensor rates, Tensor skip, RecurrentState state, Tensor destination)
    {
        for (int sequence = 0; sequence < _step.SequenceCount; sequence++)
        {
            SelectiveScanOp.Run(
                _pool,
                Rows(input, sequence),
                Rows(steps, sequence),
                Vector(rates),
                Rows(b, sequence),
                Rows(c, sequence),
                Vector(skip),
                State(state, sequence),
                Rows(destination, sequence),
                _step.RowCounts[sequence],
                input.Columns,
                b.Columns);
        }
    }

    /// <inheritdoc/>
    public override void StateSpaceDual(
        Tensor input, Tensor steps, Tensor b, Tensor c, int groups, Tensor rates, Tensor skip, RecurrentState state, Tensor destination)
    {
        int heads = steps.Columns;
        StateSpaceDualShape shape = new(heads, input.Columns / heads, groups, b.Columns / groups);
        for (int sequence = 0; sequence < _step.SequenceCount; sequence++)
        {
            StateSpaceDualOp.Run(
                _pool,
                Rows(input, sequence),
                Rows(steps, sequence),
                Vector(rates),
                Rows(b, sequence),
                Rows(c, sequence),
                Vector(skip),
                State(state, sequence),
                Rows(destination, sequence),
                _step.RowCounts[sequence],
                shape);
        }
    }

    /// <inheritdoc/>
    public override void GatedDelta(
        Tensor queries, Tensor keys, Tensor values, Tensor decays, Tensor strengths, float scale, KeyHeadOrder order, RecurrentState state, Tensor destination)
    {
        int heads = strengths.Columns;
        int keySize = state.Length / values.Columns;
        GatedDeltaShape shape = new(heads, keys.Columns / keySize, keySize, values.Columns / heads, order);
        for (int sequence = 0; sequence < _step.SequenceCount; sequence++)
        {
            GatedDeltaOp.Run(
                _pool,
                Rows(queries, sequence),
                Rows(keys, sequence),
                Rows(values, sequence),
                Rows(decays, sequence),
                Rows(strengths, sequence),
                scale,
                State(state, sequence),
                Rows(destination, sequence),
                _step.RowCounts[sequence],
                shape);
        }
    }

    /// <inheritdoc/>
    public override void Wkv6(
        Tensor receptance, Tensor keys, Tensor values, Tensor decays, Tensor bonus, float scale, int heads, RecurrentState state, Tensor destination)
    {
        for (int sequence = 0; sequence < _step.SequenceCount; sequence++)
        {
            Wkv6Op.Run(
                _pool,
                Rows(receptance, sequence),
                Rows(keys, sequence),
                Rows(values, sequence),
                Rows(decays, sequence),
                Vector(bonus),
                scale,
                State(state, sequence),
                Rows(destination, sequence),
                _step.RowCounts[sequence],
                heads,
                keys.Columns / heads);
        }
    }

    /// <inheritdoc/>
    public override void Wkv7(
        Tensor receptance, Tensor decays, Tensor keys, Tensor values, Tensor removed, Tensor replaced, int heads, RecurrentState state, Tensor destination)
    {
        for (int sequence = 0; sequence < _step.SequenceCount; sequence++)
        {
            Wkv7Op.Run(
                _pool,
                Rows(receptance, sequence),
                Rows(decays, sequence),
                Rows(keys, sequence),
                Rows(values, sequence),
                Rows(removed, sequence),
                Rows(replaced, sequence),
                State(state, sequence),
                Rows(destination, sequence),
                _step.RowCounts[sequence],
                heads,
                keys.Columns / heads);
        }
    }

    private Span<float> Rows(Tensor tensor, int sequence) =>
        Span(tensor).Slice(_step.FirstRows[sequence] * tensor.Columns, _step.RowCounts[sequence] * tensor.Columns);

    private Span<float> State(RecurrentState state, int sequence) => Cache.States.Span(_step.StateSlots[sequence], state);
}
