using System.Runtime.CompilerServices;

namespace Hearth.Kernels;

/// <summary>Checks of the operations' arguments.</summary>
internal static class OperationArgument
{
    /// <summary>Throws unless a span has exactly the elements that the shape says.</summary>
    /// <exception cref="ArgumentException">It has not.</exception>
    internal static void ThrowIfLengthDiffers(long length, long expected, string shape, string name)
    {
        if (length != expected)
        {
            throw new ArgumentException($"{length} elements were given; the shape {shape} has {expected}.", name);
        }
    }

    /// <summary>Throws unless a dimension is at least one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is zero or negative.</exception>
    internal static void ThrowIfNotPositive(int value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, name);
}
