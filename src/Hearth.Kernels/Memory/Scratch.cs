namespace Hearth.Kernels.Memory;

/// <summary>What a thread's working memory is for; every use has its own.</summary>
internal enum ScratchUse
{
    /// <summary>Read and written by this thread only, while it executes a share of a job.</summary>
    Worker,

    /// <summary>How the calling thread has cut its job; workers read it.</summary>
    Plan,

    /// <summary>Intermediate results that workers exchange.</summary>
    Partials,
}

/// <summary>
/// Working memory of a thread, kept between calls. What was in it is gone after that thread's next <see cref="Rent"/> for the same use.
/// </summary>
internal static unsafe class Scratch
{
    private const int LeastFloats = 4096;

    [ThreadStatic]
    private static AlignedBuffer<float>?[]? t_buffers;

    /// <summary>At least <paramref name="count"/> floats with any content, aligned to 64 bytes.</summary>
    internal static float* Rent(ScratchUse use, long count)
    {
        t_buffers ??= new AlignedBuffer<float>?[3];
        ref AlignedBuffer<float>? buffer = ref t_buffers[(int)use];
        if (buffer is null || buffer.Length < count)
        {
            buffer?.Dispose();
            buffer = null;
            buffer = new AlignedBuffer<float>(checked((int)Math.Max(count, LeastFloats)));
        }

        return buffer.Pointer;
    }
}
