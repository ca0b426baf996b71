using Hearth.Kernels.MatMul;

namespace Hearth.Kernels.Tests.MatMul;

public sealed class HalfRoundingTests
{
    [Fact]
    public void Values_AreTheNearestHalves()
    {
        float[] source = new float[100_003];
        Random random = new(1);
        for (int i = 0; i < source.Length; i++)
        {
            // Every sign and exponent that a half has, and some beyond; every fourth one lies in the middle of two halves.
            int bits = random.Next(int.MinValue, int.MaxValue) & ~0x7F80_0000;
            bits |= random.Next(95, 142) << 23;
            source[i] = BitConverter.Int32BitsToSingle(i % 4 == 0 ? (bits & ~0x1FFF) | 0x1000 : bits);
        }

        float[] rounded = new float[source.Length];
        HalfRounding.Run(source, rounded);

        Assert.Equal(source.Select(x => (float)(Half)x), rounded);
        Assert.Equal(source.Select(HalfRounding.Round), rounded);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(65504f)]
    [InlineData(65519f)]
    [InlineData(6.1e-5f)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NaN)]
    public void Edges_AreHalvesToo(float x) => Assert.Equal((float)(Half)x, HalfRounding.Round(x));

    [Theory]
    [InlineData(65520f)]
    [InlineData(-1e30f)]
    [InlineData(float.MaxValue)]
    public void WhatNoHalfHolds_StaysAsItIs(float x) => Assert.Equal(x, HalfRounding.Round(x));
}
