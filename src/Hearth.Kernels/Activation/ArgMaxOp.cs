namespace Hearth.Kernels.Activation;

/// <summary>Where the largest element is: greedy sampling.</summary>
public static class ArgMaxOp
{
    /// <summary>The lowest index of the largest element; not-a-number is never the largest.</summary>
    /// <param name="x">At least one element.</param>
    /// <returns>The index; 0 when every element is not a number or negative infinity.</returns>
    /// <exception cref="ArgumentException">The span is empty.</exception>
    public static int Run(ReadOnlySpan<float> x)
    {
        if (x.IsEmpty)
        {
            throw new ArgumentException("There is no largest of no elements.", nameof(x));
        }

        int best = 0;
        float largest = float.NegativeInfinity;
        int index = 0;
        if (System.Numerics.Vector.IsHardwareAccelerated)
        {
            int width = System.Numerics.Vector<float>.Count;
            for (; index <= x.Length - width; index += width)
            {
                System.Numerics.Vector<float> block = new(x[index..]);
                if (System.Numerics.Vector.GreaterThanAny(block, new System.Numerics.Vector<float>(largest)))
                {
                    Scan(x, index, index + width, ref best, ref largest);
                }
            }
        }

        Scan(x, index, x.Length, ref best, ref largest);
        return best;
    }

    private static void Scan(ReadOnlySpan<float> x, int start, int end, ref int best, ref float largest)
    {
        for (int i = start; i < end; i++)
        {
            if (x[i] > largest)
            {
                best = i;
                largest = x[i];
            }
        }
    }
}
