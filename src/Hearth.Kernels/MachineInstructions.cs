namespace Hearth.Kernels;

/// <summary>What computes in this process, for people.</summary>
public static class MachineInstructions
{
    /// <summary>The level of instructions: <c>scalar</c>, <c>neon</c>, <c>avx2</c> or <c>avx512</c>.</summary>
    /// <exception cref="PlatformNotSupportedException">The variable <c>HEARTH_ISA</c> names no level, or one that this machine does not have.</exception>
    public static string Name => InstructionSets.Level.ToString().ToLowerInvariant();

    /// <summary>Whether several values are computed at once; without that, models are many times slower.</summary>
    /// <exception cref="PlatformNotSupportedException">As of <see cref="Name"/>.</exception>
    public static bool AreVectors => InstructionSets.Level != InstructionSetLevel.Scalar;
}
