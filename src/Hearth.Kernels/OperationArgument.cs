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

    /// <summary>Throws unless a number is above zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is zero, negative or not a number.</exception>
    internal static void ThrowIfNotPositive(float value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!(value > 0f))
        {
            throw new ArgumentOutOfRangeException(name, value, "A number above zero is expected.");
        }
    }

    /// <summary>Throws unless per-column values are absent or are for whole groups of rows.</summary>
    /// <exception cref="ArgumentException">They are neither.</exception>
    internal static void ThrowIfNotGroups(int length, int rows, int columns, string name)
    {
        if (length % columns != 0 || (length != 0 && rows % (length / columns) != 0))
        {
            throw new ArgumentException(
                $"{length} elements were given for {rows} rows of {columns}; none or [groups * columns] are expected, where groups divides"
                + " the rows.",
                name);
        }
    }

    /// <summary>Throws unless a span is empty or has exactly the elements that the shape says.</summary>
    /// <exception cref="ArgumentException">It is neither.</exception>
    internal static void ThrowIfPresentLengthDiffers(long length, long expected, string shape, string name)
    {
        if (length != 0)
        {
            ThrowIfLengthDiffers(length, expected, shape, name);
        }
    }

    /// <summary>Throws if an output shares memory with an input that is still read after the output is written.</summary>
    /// <exception cref="ArgumentException">It does.</exception>
    internal static void ThrowIfOverlaps(ReadOnlySpan<float> input, ReadOnlySpan<float> output, string name)
    {
        if (input.Overlaps(output))
        {
            throw new ArgumentException("The output overlaps an input that is read after it is written; give it memory of its own.", name);
        }
    }

    /// <summary>Throws unless a number of heads is a multiple of the number that they share.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    internal static void ThrowIfNotDivisible(int heads, int shared, string name)
    {
        if (heads % shared != 0)
        {
            throw new ArgumentException($"{heads} heads cannot share {shared} evenly.", name);
        }
    }
}
