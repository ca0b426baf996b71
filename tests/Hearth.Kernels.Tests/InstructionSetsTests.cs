namespace Hearth.Kernels.Tests;

public sealed class InstructionSetsTests
{
    [Fact]
    public void Parse_TakesTheBestByDefault()
    {
        Assert.Equal(InstructionSets.Supported.Max(), InstructionSets.Parse(null));
        Assert.Equal(InstructionSets.Supported.Max(), InstructionSets.Parse(""));
    }

    [Fact]
    public void Parse_KnowsEveryLevel()
    {
        foreach (InstructionSetLevel level in Enum.GetValues<InstructionSetLevel>())
        {
            string name = level.ToString().ToLowerInvariant();
            if (InstructionSets.IsSupported(level))
            {
                Assert.Equal(level, InstructionSets.Parse(name));
            }
            else
            {
                Assert.Contains("lacks", Assert.Throws<PlatformNotSupportedException>(() => InstructionSets.Parse(name)).Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Parse_RefusesOtherNames()
    {
        PlatformNotSupportedException exception = Assert.Throws<PlatformNotSupportedException>(() => InstructionSets.Parse("AVX2"));
        Assert.Contains("HEARTH_ISA=AVX2 is not scalar, neon, avx2 or avx512", exception.Message, StringComparison.Ordinal);
    }
}
