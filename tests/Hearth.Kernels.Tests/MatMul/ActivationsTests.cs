using System.Runtime.InteropServices;
using Hearth.Kernels.MatMul;
using Hearth.Kernels.Norm;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.MatMul;

public sealed class ActivationsTests
{
    private const ActivationFormats Every = ActivationFormats.F32 | ActivationFormats.Int8Block32 | ActivationFormats.Int8Block256 | ActivationFormats.Half;
    private const int Elements = 256;

    public static TheoryData<string> Levels => [.. InstructionSets.Supported.Select(level => level.ToString())];

    private static ActivationFormats[] EachFormat => [ActivationFormats.F32, ActivationFormats.Half, ActivationFormats.Int8Block32, ActivationFormats.Int8Block256];

    [Theory]
    [MemberData(nameof(Levels))]
    public void Quantizer_GivesTheReferenceBytes(string levelName)
    {
        InstructionSetLevel level = Enum.Parse<InstructionSetLevel>(levelName);
        using ComputePool pool = new(1);
        using Activations expected = new();
        using Activations actual = new();
        Random random = new(1);
        var source = new float[768];
        for (int round = 0; round < 200; round++)
        {
            double magnitude = Math.Exp((random.NextDouble() * 160) - 80);
            for (int i = 0; i < source.Length; i++)
            {
                source[i] = (float)(((random.NextDouble() * 2) - 1) * magnitude);
            }

            source[random.Next(source.Length)] =
                round switch { 1 => float.NaN, 2 => float.PositiveInfinity, 3 => float.MaxValue, 4 => float.Epsilon, _ => 0 };
            expected.Load(pool, source, 1, source.Length, Every, InstructionSetLevel.Scalar);
            actual.Load(pool, source, 1, source.Length, Every, level);
            Assert.All(EachFormat, format => Assert.True(expected.TokenSpan(format, 0).SequenceEqual(actual.TokenSpan(format, 0))));
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void LoadNormalized_IsTheNormThenTheLoad(string levelName)
    {
        const int Columns = 768;
        InstructionSetLevel level = Enum.Parse<InstructionSetLevel>(levelName);
        using ComputePool pool = new(2);
        using Activations expected = new();
        using Activations actual = new();
        Random random = new(5);
        float[] weight = [.. Enumerable.Range(0, Columns).Select(_ => random.NextSingle() + 0.5f)];
        foreach ((int tokens, float[] weights) in new[] { (1, weight), (1, []), (7, weight), (40, weight), (40, []) })
        {
            float[] source = [.. Enumerable.Range(0, tokens * Columns).Select(_ => (random.NextSingle() * 20) - 10)];
            float[] norm = new float[source.Length], normalized = new float[source.Length];
            RmsNormOp.Run(level, pool, source, weights, 1e-5f, norm, tokens, Columns);
            expected.Load(pool, norm, tokens, Columns, Every, level);
            actual.LoadNormalized(pool, source, weights, 1e-5f, normalized, tokens, Columns, Every, level);
            Assert.Equal(norm, normalized);
            for (int token = 0; token < tokens; token++)
            {
                Assert.All(EachFormat, format => Assert.True(expected.TokenSpan(format, token).SequenceEqual(actual.TokenSpan(format, token))));
            }
        }

        Assert.Throws<ArgumentException>(() => actual.LoadNormalized(pool, new float[Columns], new float[3], 0, new float[Columns], 1, Columns, Every));
        Assert.Throws<ArgumentException>(() => actual.LoadNormalized(pool, new float[1], weight, 0, new float[Columns], 1, Columns, Every));
        Assert.Throws<ArgumentException>(() => actual.LoadNormalized(pool, new float[Columns], weight, 0, new float[1], 1, Columns, Every));
    }

    [Fact]
    public void Quantizer_KeepsValuesWithinHalfAStep()
    {
        using ComputePool pool = new(1);
        using Activations activations = new();
        float[] source = [.. Enumerable.Range(0, Elements).Select(i => MathF.Sin(i) * (1 + (i / 32)))];
        activations.Load(pool, source, 1, Elements, Every);
        ReadOnlySpan<byte> group = activations.TokenSpan(ActivationFormats.Int8Block32, 0);
        ReadOnlySpan<byte> block = activations.TokenSpan(ActivationFormats.Int8Block256, 0);
        ReadOnlySpan<float> scales = MemoryMarshal.Cast<byte, float>(group[Elements..])[..8];
        ReadOnlySpan<int> sums = MemoryMarshal.Cast<byte, int>(group[(Elements + 32)..])[..8];
        ReadOnlySpan<short> sums16 = MemoryMarshal.Cast<byte, short>(block[Elements..])[..16];
        ReadOnlySpan<short> sums32 = MemoryMarshal.Cast<byte, short>(block[(Elements + 32)..])[..8];
        float scale = MemoryMarshal.Read<float>(block[(Elements + 48)..]);
        var expected = new int[32];
        for (int i = 0; i < Elements; i++)
        {
            Assert.InRange((scales[i / 32] * (sbyte)group[i]) - source[i], -0.501f * scales[i / 32], 0.501f * scales[i / 32]);
            Assert.InRange((scale * (sbyte)block[i]) - source[i], -0.501f * scale, 0.501f * scale);
            expected[i / 32] += (sbyte)group[i];
            expected[8 + (i / 16)] += (sbyte)block[i];
            expected[24 + (i / 32)] += (sbyte)block[i];
        }

        int[] actual = [.. sums, .. sums16.ToArray().Select(sum => (int)sum), .. sums32.ToArray().Select(sum => (int)sum)];
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Load_GivesATokenTheSameFormsInEveryBatch()
    {
        using ComputePool pool = new(2);
        Random random = new(2);
        float[] source = [.. Enumerable.Range(0, 40 * 512).Select(_ => (float)random.NextDouble() - 0.5f)];
        using Activations all = new();
        using Activations one = new();
        all.Load(pool, source, 40, 512, Every);
        for (int token = 0; token < 40; token++)
        {
            one.Load(pool, source.AsSpan(token * 512, 512), 1, 512, Every);
            Assert.All(EachFormat, format => Assert.True(all.TokenSpan(format, token).SequenceEqual(one.TokenSpan(format, 0))));
        }
    }

    [Fact]
    public void Load_RefusesWhatDoesNotMatch()
    {
        using ComputePool pool = new(1);
        Activations activations = new();
        Assert.Throws<ArgumentException>(() => activations.Load(pool, new float[63], 1, 64, ActivationFormats.F32));
        Assert.Throws<ArgumentException>(() => activations.Load(pool, new float[48], 1, 48, ActivationFormats.Int8Block32));
        Assert.Throws<ArgumentException>(() => activations.Load(pool, new float[64], 1, 64, ActivationFormats.Int8Block256));
        Assert.Throws<ArgumentOutOfRangeException>(() => activations.Load(pool, [], -1, 64, ActivationFormats.F32));
        Assert.Throws<ArgumentOutOfRangeException>(() => activations.Load(pool, [], 0, 0, ActivationFormats.F32));
        activations.Dispose();
        Assert.Throws<ObjectDisposedException>(() => activations.Load(pool, new float[64], 1, 64, ActivationFormats.F32));
    }
}
