using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Hearth.Kernels;

/// <summary>The instructions that kernels may use. Every level gives the same bits.</summary>
internal enum InstructionSetLevel
{
    /// <summary>The reference code.</summary>
    Scalar,

    /// <summary>Arm64's vectors of 128 bits.</summary>
    Neon,

    /// <summary>AVX2 with FMA.</summary>
    Avx2,

    /// <summary>AVX-512 F, BW, CD, DQ and VL.</summary>
    Avx512,
}

/// <summary>Which level this process uses: the best of the machine, or the one that <c>HEARTH_ISA</c> names.</summary>
internal static class InstructionSets
{
    /// <summary>The environment variable that forces a level.</summary>
    internal const string Variable = "HEARTH_ISA";

    private static InstructionSetLevel? s_level;

    /// <summary>The level of this process; the variable is read once.</summary>
    /// <exception cref="PlatformNotSupportedException">The variable names no level, or one that this machine does not have.</exception>
    internal static InstructionSetLevel Level => s_level ??= Parse(Environment.GetEnvironmentVariable(Variable));

    private static InstructionSetLevel Best => IsSupported(InstructionSetLevel.Avx512) ? InstructionSetLevel.Avx512
        : IsSupported(InstructionSetLevel.Avx2) ? InstructionSetLevel.Avx2
        : IsSupported(InstructionSetLevel.Neon) ? InstructionSetLevel.Neon
        : InstructionSetLevel.Scalar;

    /// <summary>The levels of this machine, slowest first.</summary>
    internal static IEnumerable<InstructionSetLevel> Supported => Enum.GetValues<InstructionSetLevel>().Where(IsSupported);

    /// <summary>Whether this machine has a level.</summary>
    internal static bool IsSupported(InstructionSetLevel level) => level switch
    {
        InstructionSetLevel.Scalar => true,
        InstructionSetLevel.Neon => AdvSimd.Arm64.IsSupported,
        InstructionSetLevel.Avx2 => Avx2.IsSupported && Fma.IsSupported,
        InstructionSetLevel.Avx512 => Avx512BW.VL.IsSupported && Fma.IsSupported,
        _ => false,
    };

    /// <summary>The level that a value of the variable asks for; null or empty is the best one.</summary>
    /// <exception cref="PlatformNotSupportedException">It names no level, or one that this machine does not have.</exception>
    internal static InstructionSetLevel Parse(string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return Best;
        }

        InstructionSetLevel level = value switch
        {
            "scalar" => InstructionSetLevel.Scalar,
            "neon" => InstructionSetLevel.Neon,
            "avx2" => InstructionSetLevel.Avx2,
            "avx512" => InstructionSetLevel.Avx512,
            _ => throw new PlatformNotSupportedException($"{Variable}={value} is not scalar, neon, avx2 or avx512. {MachineHas()}"),
        };
        return IsSupported(level)
            ? level
            : throw new PlatformNotSupportedException($"{Variable}={value} asks for instructions that this machine lacks. {MachineHas()}");
    }

    private static string MachineHas() =>
        $"This machine has {string.Join(", ", Supported.Select(level => level.ToString().ToLowerInvariant()))}; unset it to use the best.";
}
