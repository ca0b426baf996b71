using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Activation;

/// <summary>Runs an <see cref="IElementwise"/> over spans, in parallel when that pays.</summary>
internal static unsafe class Elementwise
{
    private const int SerialLimit = 8192;

    /// <summary>y = f(a, b, parameter). Spans of one length; y may be a or b itself.</summary>
    internal static void Run<TFunction>(
        InstructionSetLevel level, ComputePool pool, ReadOnlySpan<float> a, ReadOnlySpan<float> b, float parameter, Span<float> y)
        where TFunction : struct, IElementwise
    {
        fixed (float* pointerA = a, pointerB = b, pointerY = y)
        {
            switch (level)
            {
                case InstructionSetLevel.Avx512:
                    Run<TFunction, Lanes512>(pool, pointerA, pointerB, parameter, pointerY, y.Length);
                    break;
                case InstructionSetLevel.Avx2:
                    Run<TFunction, Lanes256>(pool, pointerA, pointerB, parameter, pointerY, y.Length);
                    break;
                case InstructionSetLevel.Neon:
                    Run<TFunction, Lanes128>(pool, pointerA, pointerB, parameter, pointerY, y.Length);
                    break;
                default:
                    Reference<TFunction>(a, b, parameter, y);
                    break;
            }
        }
    }

    /// <summary>The scalar twin.</summary>
    internal static void Reference<TFunction>(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float parameter, Span<float> y)
        where TFunction : struct, IElementwise
    {
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = TFunction.Apply(a[i], b[i], parameter);
        }
    }

    /// <summary>The function over <paramref name="count"/> elements, on this thread.</summary>
    internal static void Range<TFunction, TLanes>(float* a, float* b, float parameter, float* y, int count)
        where TFunction : struct, IElementwise
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes value = TLanes.Create(parameter);
        int i = 0;
        for (; i <= count - 16; i += 16)
        {
            TLanes.Store(y + i, TFunction.Apply(TLanes.Load(a + i), TLanes.Load(b + i), value));
        }

        for (; i < count; i++)
        {
            y[i] = TFunction.Apply(a[i], b[i], parameter);
        }
    }

    private static void Run<TFunction, TLanes>(ComputePool pool, float* a, float* b, float parameter, float* y, int count)
        where TFunction : struct, IElementwise
        where TLanes : struct, ILanes<TLanes>
    {
        if (count <= SerialLimit)
        {
            Range<TFunction, TLanes>(a, b, parameter, y, count);
            return;
        }

        Job<TFunction, TLanes> job = new() { A = a, B = b, Parameter = parameter, Y = y, Count = count };
        pool.Run(ref job);
    }

    private struct Job<TFunction, TLanes> : IParallelJob
        where TFunction : struct, IElementwise
        where TLanes : struct, ILanes<TLanes>
    {
        public float* A;
        public float* B;
        public float* Y;
        public float Parameter;
        public int Count;

        public readonly void Execute(int worker, int workers)
        {
            (int start, int end) = WorkRange.Of(Count, worker, workers, 16);
            Range<TFunction, TLanes>(A + start, B + start, Parameter, Y + start, end - start);
        }
    }
}
