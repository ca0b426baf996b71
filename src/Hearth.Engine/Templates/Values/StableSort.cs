namespace Hearth.Engine.Templates.Values;

/// <summary>A merge sort: stable like Python's, and errors of the comparison pass through unwrapped.</summary>
internal static class StableSort
{
    public static T[] Sort<T>(IReadOnlyList<T> items, Func<T, T, bool> isLess)
    {
        T[] source = [.. items];
        var target = new T[source.Length];
        for (int width = 1; width < source.Length; width *= 2)
        {
            for (int start = 0; start < source.Length; start += 2 * width)
            {
                Merge(source, target, start, Math.Min(start + width, source.Length), Math.Min(start + 2 * width, source.Length), isLess);
            }

            (source, target) = (target, source);
        }

        return source;
    }

    private static void Merge<T>(T[] source, T[] target, int start, int middle, int end, Func<T, T, bool> isLess)
    {
        int left = start;
        int right = middle;
        for (int i = start; i < end; i++)
        {
            bool takeRight = left == middle || (right < end && isLess(source[right], source[left]));
            target[i] = takeRight ? source[right++] : source[left++];
        }
    }
}
