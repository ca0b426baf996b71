namespace Hearth.Kernels.Memory;

public static unsafe partial class ReadSumOp
{
    /// <summary>The scalar twin.</summary>
    internal static ulong Reference(ReadOnlySpan<ulong> words)
    {
        ulong sum = 0;
        foreach (ulong word in words)
        {
            sum += word;
        }

        return sum;
    }
}
