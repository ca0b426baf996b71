using Hearth.Kernels.MatMul;

namespace Hearth.Engine.Devices;

/// <content>Kernels are compiled when they first run, which takes milliseconds for each format.</content>
public sealed partial class CpuDevice
{
    /// <inheritdoc/>
    public override void Prepare()
    {
        ulong seen = 0;
        for (int i = _weights.Count - 1; i >= 0; i--)
        {
            WeightMatrix matrix = _weights[i];
            ulong type = 1UL << (int)matrix.Type;
            if ((seen & type) == 0)
            {
                seen |= type;
                MatMul(Allocate(1, matrix.Columns), [new(AddWeights(matrix.Slice(0, 1)), Tensor.None, Allocate(1, 1))]);
            }
        }
    }
}
