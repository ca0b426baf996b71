using System.Runtime.InteropServices;
using Hearth.Kernels.Formats;
using Hearth.Kernels.MatMul;
using Hearth.Kernels.Memory;

namespace Hearth.Kernels.Tests.MatMul;

/// <summary>Weights in native memory.</summary>
internal sealed class TestWeights : IDisposable
{
    private readonly AlignedBuffer<byte> _memory;

    private TestWeights(TensorType type, int rows, int columns)
    {
        _memory = new AlignedBuffer<byte>((int)(TensorTypes.ByteSize(type, columns) * rows));
        Matrix = WeightMatrix.In(_memory, type, rows, columns);
    }

    internal WeightMatrix Matrix { get; }

    /// <summary>Random codes; scales of both signs, some zero, some subnormal.</summary>
    internal static TestWeights Random(TensorType type, int rows, int columns, int seed)
    {
        TestWeights weights = new(type, rows, columns);
        Random random = new(seed);
        BlockSynthesizer.Fill(type, random, 0.02f, weights._memory.Span);
        foreach (ref ushort half in weights.Halves())
        {
            half = random.Next(20) switch
            {
                0 => 0,
                1 => (ushort)random.Next(1, 1024),
                2 => 0x8000,
                < 7 => (ushort)(half ^ 0x8000),
                _ => half,
            };
        }

        return weights;
    }

    /// <summary>The same byte everywhere but in the scales.</summary>
    internal static TestWeights Filled(TensorType type, int rows, int columns, byte fill)
    {
        TestWeights weights = new(type, rows, columns);
        weights._memory.Span.Fill(fill);
        foreach (ref ushort half in weights.Halves())
        {
            half = BitConverter.HalfToUInt16Bits((Half)0.01f);
        }

        return weights;
    }

    /// <summary>The weights as floats.</summary>
    internal float[] Decode()
    {
        var values = new float[Matrix.Rows * Matrix.Columns];
        BlockCodec.Decode(Matrix.Type, _memory.Span, values);
        return values;
    }

    public void Dispose() => _memory.Dispose();

    private HalfEnumerator Halves() => new(_memory.Span, TensorTypes.Get(Matrix.Type).BlockBytes, Matrix.Type switch
    {
        TensorType.Q4_0 or TensorType.Q5_0 or TensorType.Q8_0 or TensorType.IQ4_NL or TensorType.IQ4_XS => [0],
        TensorType.Q4_1 or TensorType.Q5_1 or TensorType.Q4_K or TensorType.Q5_K => [0, 2],
        TensorType.IQ2_XXS or TensorType.IQ2_XS or TensorType.IQ2_S or TensorType.IQ3_XXS or TensorType.IQ3_S => [0],
        TensorType.Q2_K => [80, 82],
        TensorType.Q3_K => [108],
        TensorType.Q6_K => [208],
        _ => [],
    });

    /// <summary>The 16-bit scales of consecutive blocks.</summary>
    private ref struct HalfEnumerator(Span<byte> bytes, int blockBytes, int[] offsets)
    {
        private readonly Span<byte> _bytes = bytes;
        private int _index = -1;

        public readonly ref ushort Current =>
            ref MemoryMarshal.AsRef<ushort>(_bytes[((_index / offsets.Length * blockBytes) + offsets[_index % offsets.Length])..]);

        public readonly HalfEnumerator GetEnumerator() => this;

        public bool MoveNext() => offsets.Length > 0 && ++_index < _bytes.Length / blockBytes * offsets.Length;
    }
}
