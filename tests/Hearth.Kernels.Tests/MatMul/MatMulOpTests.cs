using System.Runtime.InteropServices;
using Hearth.Kernels.Formats;
using Hearth.Kernels.MatMul;
using Hearth.Kernels.Memory;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.MatMul;

public sealed class MatMulOpTests
{
    private const int Rows = 37;

    public static TheoryData<TensorType> Types => [.. BlockFormat.All.Select(format => format.Type).Order()];

    public static TheoryData<TensorType, string> FasterKernels
    {
        get
        {
            TheoryData<TensorType, string> data = [];
            foreach (BlockFormat format in BlockFormat.All)
            {
                // The kernels of the level Neon are vectors of 128 bits, which other processors have too.
                foreach (InstructionSetLevel level in InstructionSets.Supported.Append(InstructionSetLevel.Neon).Where(level => level != InstructionSetLevel.Scalar).Distinct())
                {
                    data.Add(format.Type, level.ToString());
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(FasterKernels))]
    public void EveryKernel_GivesTheReferenceBits(TensorType type, string levelName)
    {
        InstructionSetLevel level = Enum.Parse<InstructionSetLevel>(levelName);
        using ComputePool one = new(1);
        using ComputePool two = new(2);
        using ComputePool three = new(3);
        foreach (int columns in ColumnCounts(type))
        {
            using TestWeights weights = TestWeights.Random(type, Rows, columns, columns + (int)type);
            foreach (int tokens in new[] { 1, 2, 3, 5, 7, 8, 16, 21, 64 })
            {
                float[] input = Inputs(tokens, columns, seed: tokens);
                float[] expected = Product(one, weights, input, tokens, InstructionSetLevel.Scalar);
                AssertSameBits(expected, Product(one, weights, input, tokens, level), $"{columns} columns, {tokens} tokens, 1 thread");
                AssertSameBits(expected, Product(two, weights, input, tokens, level), $"{columns} columns, {tokens} tokens, 2 threads");
                AssertSameBits(expected, Product(three, weights, input, tokens, level), $"{columns} columns, {tokens} tokens, 3 threads");
            }
        }
    }

    [Theory]
    [MemberData(nameof(FasterKernels))]
    public void EveryKernel_GivesTheReferenceBitsOfAWholeBatch(TensorType type, string levelName)
    {
        const int Tokens = 512;
        InstructionSetLevel level = Enum.Parse<InstructionSetLevel>(levelName);
        using ComputePool pool = new(2);
        int columns = ColumnCounts(type).Max();
        using TestWeights weights = TestWeights.Random(type, 5, columns, seed: (int)type);
        float[] input = Inputs(Tokens, columns, seed: 12);
        AssertSameBits(
            Product(pool, weights, input, Tokens, InstructionSetLevel.Scalar), Product(pool, weights, input, Tokens, level), $"{columns} columns");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(40)]
    public void ManyProducts_AreThoseOfEach(int tokens)
    {
        const int Columns = 1280;
        using ComputePool pool = new(3);
        using Activations activations = new();
        using TestWeights quarters = TestWeights.Random(TensorType.Q4_K, 300, Columns, seed: 1);
        using TestWeights halves = TestWeights.Random(TensorType.F16, 77, Columns, seed: 2);
        using TestWeights eighths = TestWeights.Random(TensorType.Q8_0, 1, Columns, seed: 3);
        activations.Load(
            pool, Inputs(tokens, Columns, seed: 4), tokens, Columns, ActivationFormats.Int8Block256 | ActivationFormats.Half | ActivationFormats.Int8Block32);
        using AlignedBuffer<float> first = new((300 * tokens) + 5), second = new((78 * tokens) + 1);
        first.Span.Fill(7);
        second.Span.Fill(7);
        MatMulOp.Run(pool, [
            new MatMulProduct(quarters.Matrix, activations, first, Offset: 2),
            new MatMulProduct(halves.Matrix, activations, second, Accumulate: true),
            new MatMulProduct(eighths.Matrix, activations, second, Offset: 77 * tokens),
            new MatMulProduct(eighths.Matrix, activations, second, Offset: 78 * tokens, Token: tokens - 1),
        ]);
        AssertSameBits([7, 7, .. One(quarters), 7, 7, 7], first.Span.ToArray(), "Q4_K");
        float[] eighth = One(eighths);
        AssertSameBits([.. One(halves).Select(value => 7 + value), .. eighth, eighth[^1]], second.Span.ToArray(), "F16 and Q8_0");

        float[] One(TestWeights weights)
        {
            var product = new float[weights.Matrix.Rows * tokens];
            MatMulOp.Run(pool, weights.Matrix, activations, product);
            return product;
        }
    }

    [Fact]
    public void ManyProducts_RefuseWhatDoesNotFit()
    {
        using ComputePool pool = new(1);
        using Activations activations = new();
        using TestWeights weights = TestWeights.Random(TensorType.F32, 4, 16, seed: 1);
        using AlignedBuffer<float> buffer = new(9);
        activations.Load(pool, new float[32], 2, 16, ActivationFormats.F32);
        Assert.Contains("8 elements from 2 on", Refusal(new(weights.Matrix, activations, buffer, 2)), StringComparison.Ordinal);
        Assert.Contains("from -1 on", Refusal(new(weights.Matrix, activations, buffer, -1)), StringComparison.Ordinal);
        Assert.Contains("no token 2", Refusal(new(weights.Matrix, activations, buffer, Token: 2)), StringComparison.Ordinal);
        MatMulOp.Run(pool, [new(weights.Matrix, activations, buffer, 1), new(weights.Matrix, activations, buffer, 5, Token: 1)]);
        MatMulOp.Run(pool, []);

        string Refusal(MatMulProduct product) => Assert.Throws<ArgumentException>(() => MatMulOp.Run(pool, [product])).Message;
    }

    [Theory]
    [MemberData(nameof(FasterKernels))]
    public void EveryKernel_GivesTheReferenceBitsAtTheExtremes(TensorType type, string levelName)
    {
        InstructionSetLevel level = Enum.Parse<InstructionSetLevel>(levelName);
        using ComputePool pool = new(1);
        foreach (byte fill in new byte[] { 0xFF, 0x00, 0x80, 0x7F, 0xF0, 0x0F })
        {
            using TestWeights weights = TestWeights.Filled(type, 19, 512, fill);
            foreach (Func<int, float> pattern in new Func<int, float>[] { _ => 1, _ => -1, i => i % 2 == 0 ? 1 : -1, i => i % 4 < 2 ? 1 : -1 })
            {
                foreach (int tokens in new[] { 1, 4, 16 })
                {
                    float[] input = [.. Enumerable.Range(0, tokens * 512).Select(pattern)];
                    float[] expected = Product(pool, weights, input, tokens, InstructionSetLevel.Scalar);
                    AssertSameBits(expected, Product(pool, weights, input, tokens, level), $"bytes {fill:X2}, {tokens} tokens");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Reference_IsNearTheExactProduct(TensorType type)
    {
        int columns = ColumnCounts(type).Max();
        using ComputePool pool = new(1);
        using TestWeights weights = TestWeights.Random(type, Rows, columns, seed: 11);
        float[] decoded = weights.Decode();
        Random random = new(3);
        float[] input = [.. Enumerable.Range(0, 2 * columns).Select(_ => (random.NextSingle() * 2) - 1)];
        float[] actual = Product(pool, weights, input, 2, InstructionSetLevel.Scalar);
        bool exactActivations = Activations.AreFloats(type);
        if (Activations.FormatFor(type) == ActivationFormats.Half)
        {
            input = [.. input.Select(HalfRounding.Round)];
        }

        for (int i = 0; i < actual.Length; i++)
        {
            (double exact, double magnitude) = (0, 0);
            for (int column = 0; column < columns; column++)
            {
                double term = (double)decoded[(i % Rows * columns) + column] * input[(i / Rows * columns) + column];
                exact += term;
                magnitude += term * term;
            }

            double tolerance = Math.Sqrt(magnitude) * (exactActivations ? 1e-5 : 0.03);
            Assert.True(Math.Abs(exact - actual[i]) <= tolerance, $"Result {i} is {actual[i]}, exactly {exact} within {tolerance}.");
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Run_AddsToTheDestination(TensorType type)
    {
        int columns = ColumnCounts(type)[0];
        using ComputePool pool = new(2);
        using Activations activations = new();
        using TestWeights weights = TestWeights.Random(type, 600, columns, seed: 4);
        foreach (int tokens in new[] { 1, 5, 18 })
        {
            activations.Load(pool, Inputs(tokens, columns, seed: 9), tokens, columns, Activations.FormatFor(type));
            var product = new float[tokens * 600];
            MatMulOp.Run(pool, weights.Matrix, activations, product);
            float[] sum = Inputs(tokens, 600, seed: 10);
            float[] expected = [.. sum.Zip(product, (a, b) => a + b)];
            MatMulOp.Run(pool, weights.Matrix, activations, sum, accumulate: true);
            AssertSameBits(expected, sum, $"{tokens} tokens");
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Faults_StayInTheirToken(TensorType type)
    {
        const int Tokens = 5;
        int columns = ColumnCounts(type).Max();
        using ComputePool pool = new(1);
        using TestWeights weights = TestWeights.Random(type, Rows, columns, seed: 5);
        float[] input = Inputs(Tokens, columns, seed: 6);
        float[] expected = Product(pool, weights, input, Tokens, InstructionSets.Level);
        input[columns + 3] = float.NaN;
        input[(3 * columns) + columns - 1] = float.NegativeInfinity;
        float[] actual = Product(pool, weights, input, Tokens, InstructionSets.Level);
        for (int i = 0; i < actual.Length; i++)
        {
            if (i / Rows is 1)
            {
                Assert.True(float.IsNaN(actual[i]));
            }
            else if (i / Rows is 3)
            {
                Assert.False(float.IsFinite(actual[i]));
            }
            else
            {
                Assert.Equal(expected[i], actual[i]);
            }
        }
    }

    [Fact]
    public void Run_RefusesWhatDoesNotMatch()
    {
        using ComputePool pool = new(1);
        using Activations activations = new();
        using TestWeights weights = TestWeights.Random(TensorType.Q5_0, 4, 64, seed: 1);
        activations.Load(pool, new float[128], 2, 64, ActivationFormats.F32);
        Assert.Contains("Int8Block32", Refusal(weights.Matrix, 8), StringComparison.Ordinal);
        activations.Load(pool, new float[128], 2, 64, ActivationFormats.Int8Block32);
        Assert.Contains("7 elements", Refusal(weights.Matrix, 7), StringComparison.Ordinal);
        activations.Load(pool, new float[64], 2, 32, ActivationFormats.Int8Block32);
        Assert.Contains("64 columns, the activations 32", Refusal(weights.Matrix, 8), StringComparison.Ordinal);
        MatMulOp.Run(pool, weights.Matrix.Slice(0, 0), Loaded(0, 64), []);
        using AlignedBuffer<byte> integers = new(64);
        activations.Load(pool, new float[16], 1, 16, ActivationFormats.F32);
        Assert.Contains("I32", Refusal(WeightMatrix.In(integers, TensorType.I32, 1, 16), 1), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => WeightMatrix.In(integers, TensorType.I32, 1, 15));

        string Refusal(WeightMatrix matrix, int length) =>
            Assert.Throws<ArgumentException>(() => MatMulOp.Run(pool, matrix, activations, new float[length])).Message;

        Activations Loaded(int tokens, int columns)
        {
            activations.Load(pool, new float[tokens * columns], tokens, columns, ActivationFormats.Int8Block32);
            return activations;
        }
    }

    [Fact]
    public void Halves_AreReadExactly()
    {
        const int Columns = 65_536;
        using ComputePool pool = new(1);
        using AlignedBuffer<byte> buffer = new(Columns * sizeof(ushort));
        Span<ushort> halves = MemoryMarshal.Cast<byte, ushort>(buffer.Span);
        for (int i = 0; i < Columns; i++)
        {
            halves[i] = (ushort)i;
        }

        // One row per half: the weight times one is the weight.
        WeightMatrix weights = WeightMatrix.In(buffer, TensorType.F16, Columns, 1);
        WeightMatrix wide = WeightMatrix.In(buffer, TensorType.F16, Columns / 16, 16);
        using Activations activations = new();
        foreach (InstructionSetLevel level in InstructionSets.Supported)
        {
            var values = new float[Columns];
            activations.Load(pool, [1], 1, 1, ActivationFormats.Half, level);
            MatMulOp.Run(pool, weights, activations, values, accumulate: false, level);
            AssertHalves(values, (row, _) => row, 1);
            for (int lane = 0; lane < 16; lane++)
            {
                var unit = new float[16];
                unit[lane] = 1;
                var column = new float[Columns / 16];
                activations.Load(pool, unit, 1, 16, ActivationFormats.Half, level);
                MatMulOp.Run(pool, wide, activations, column, accumulate: false, level);
                AssertHalves(column, (row, at) => (row * 16) + at, lane);
            }
        }

        static void AssertHalves(float[] values, Func<int, int, int> bitsOf, int lane)
        {
            for (int row = 0; row < values.Length; row++)
            {
                var expected = (float)BitConverter.UInt16BitsToHalf((ushort)bitsOf(row, lane));

                // An infinity or a NaN elsewhere in the row meets a zero, which gives a NaN.
                Assert.True(values[row] == expected || float.IsNaN(values[row]), $"Half {bitsOf(row, lane):X4} is {values[row]:R}, not {expected:R}.");
                Assert.True(!float.IsNaN(values[row]) || (bitsOf(row, lane) & 0x7C00) == 0x7C00, $"Half {bitsOf(row, lane):X4} is not a number.");
            }
        }
    }

    private static int[] ColumnCounts(TensorType type) => TensorTypes.Get(type).BlockElements switch
    {
        1 => [5, 16, 31, 100, 960],
        32 => [32, 64, 96, 128, 160, 192, 224, 256, 960, 1120],
        64 => [64, 192, 960],
        128 => [128, 640],
        _ => [256, 512, 768, 2048],
    };

    private static float[] Inputs(int tokens, int columns, int seed)
    {
        Random random = new(seed);
        var values = new float[tokens * columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(((random.NextDouble() * 2) - 1) * Math.Exp((random.NextDouble() * 6) - 3));
        }

        values[random.Next(values.Length)] = 300;
        if (tokens > 1)
        {
            values.AsSpan(columns, Math.Min(columns, 256)).Clear();
        }

        return values;
    }

    private static float[] Product(ComputePool pool, TestWeights weights, float[] input, int tokens, InstructionSetLevel level)
    {
        using Activations activations = new();
        WeightMatrix matrix = weights.Matrix;
        activations.Load(pool, input, tokens, matrix.Columns, Activations.FormatFor(matrix.Type), level);
        var destination = new float[tokens * matrix.Rows];
        Array.Fill(destination, float.NaN);
        MatMulOp.Run(pool, matrix, activations, destination, accumulate: false, level);
        return destination;
    }

    private static void AssertSameBits(float[] expected, float[] actual, string what)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i])
                && !(float.IsNaN(expected[i]) && float.IsNaN(actual[i])))
            {
                Assert.Fail($"{what}: element {i} is {actual[i]:R}, the reference {expected[i]:R}.");
            }
        }
    }
}
