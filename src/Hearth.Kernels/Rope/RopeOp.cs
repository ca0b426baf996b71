using Hearth.Kernels.Memory;
using Hearth.Kernels.Simd;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Rope;

/// <summary>
/// Rotary position embedding (Su et al., 2021), in place: (a, b) becomes (a cos - b sin, b cos + a sin) for every pair of a head. The
/// angles are an input, so every scaling of them is the caller's. a' = fma(a, cos, -(b sin)), b' = fma(b, cos, a sin).
/// </summary>
public static unsafe partial class RopeOp
{
    private const int SerialLimit = 8192;

    /// <summary>Rotates every head of every token.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="x">[tokens, heads, headSize]; elements of a head before offset and from offset + 2 * pairs on stay as they
    /// are.</param>
    /// <param name="tokens">Tokens.</param>
    /// <param name="heads">Heads of a token.</param>
    /// <param name="headSize">Elements of a head.</param>
    /// <param name="cosines">[tokens, pairs].</param>
    /// <param name="sines">[tokens, pairs].</param>
    /// <param name="pairs">Pairs that turn: at most half of the head.</param>
    /// <param name="pairing">Which elements are a pair, counted from the offset.</param>
    /// <param name="offset">The first element of a head that turns.</param>
    /// <exception cref="ArgumentException">A span does not have the elements of its shape, or the pairs do not fit in a head after the
    /// offset.</exception>
    public static void Run(
        ComputePool pool,
        Span<float> x,
        int tokens,
        int heads,
        int headSize,
        ReadOnlySpan<float> cosines,
        ReadOnlySpan<float> sines,
        int pairs,
        RopePairing pairing,
        int offset = 0) =>
        Run(InstructionSets.Level, pool, x, tokens, heads, headSize, cosines, sines, pairs, pairing, offset);

    internal static void Run(
        InstructionSetLevel level,
        ComputePool pool,
        Span<float> x,
        int tokens,
        int heads,
        int headSize,
        ReadOnlySpan<float> cosines,
        ReadOnlySpan<float> sines,
        int pairs,
        RopePairing pairing,
        int offset = 0)
    {
        ArgumentNullException.ThrowIfNull(pool);
        OperationArgument.ThrowIfNotPositive(heads);
        OperationArgument.ThrowIfNotPositive(headSize);
        OperationArgument.ThrowIfNotPositive(pairs);
        if (pairs > headSize / 2)
        {
            throw new ArgumentException($"{pairs} pairs do not fit in a head of {headSize}.", nameof(pairs));
        }

        if (offset < 0 || offset > headSize - (2 * pairs))
        {
            throw new ArgumentException($"{pairs} pairs from element {offset} on do not fit in a head of {headSize}.", nameof(offset));
        }

        if (pairing is not (RopePairing.Adjacent or RopePairing.Split))
        {
            throw new ArgumentOutOfRangeException(nameof(pairing), pairing, "Not a pairing.");
        }

        OperationArgument.ThrowIfLengthDiffers(x.Length, (long)tokens * heads * headSize, "[tokens, heads, headSize]", nameof(x));
        OperationArgument.ThrowIfLengthDiffers(cosines.Length, (long)tokens * pairs, "[tokens, pairs]", nameof(cosines));
        OperationArgument.ThrowIfLengthDiffers(sines.Length, (long)tokens * pairs, "[tokens, pairs]", nameof(sines));
        fixed (float* pointerX = x, pointerCosines = cosines, pointerSines = sines)
        {
            Shape shape = new(pointerX + offset, pointerCosines, pointerSines, tokens, heads, headSize, pairs, pairing);
            switch (level)
            {
                case InstructionSetLevel.Avx512:
                    Run<Lanes512>(pool, shape);
                    break;
                case InstructionSetLevel.Avx2:
                    Run<Lanes256>(pool, shape);
                    break;
                case InstructionSetLevel.Neon:
                    Run<Lanes128>(pool, shape);
                    break;
                default:
                    Reference(x, heads, headSize, cosines, sines, pairs, pairing, offset);
                    break;
            }
        }
    }

    private static void Run<TLanes>(ComputePool pool, Shape shape)
        where TLanes : struct, ILanes<TLanes>
    {
        Job<TLanes> job = new() { Shape = shape };
        if (shape.Tokens == 1 || (long)shape.Tokens * shape.Heads * shape.HeadSize <= SerialLimit)
        {
            job.Execute(0, 1);
        }
        else
        {
            pool.Run(ref job);
        }
    }

    private static void RotateSplit<TLanes>(float* head, float* cosines, float* sines, int pairs)
        where TLanes : struct, ILanes<TLanes>
    {
        float* second = head + pairs;
        int i = 0;
        for (; i <= pairs - 16; i += 16)
        {
            TLanes a = TLanes.Load(head + i);
            TLanes b = TLanes.Load(second + i);
            TLanes cosine = TLanes.Load(cosines + i);
            TLanes sine = TLanes.Load(sines + i);
            TLanes turned = TLanes.Multiply(b, TLanes.Multiply(sine, TLanes.Create(-1f)));
            TLanes.Store(head + i, TLanes.MultiplyAdd(a, cosine, turned));
            TLanes.Store(second + i, TLanes.MultiplyAdd(b, cosine, TLanes.Multiply(a, sine)));
        }

        for (; i < pairs; i++)
        {
            Rotate(ref head[i], ref second[i], cosines[i], sines[i]);
        }
    }

    /// <summary>The angles come expanded: every cosine twice, every sine as (-sine, sine).</summary>
    private static void RotateAdjacent<TLanes>(float* head, float* cosines, float* sines, int count)
        where TLanes : struct, ILanes<TLanes>
    {
        int i = 0;
        for (; i <= count - 16; i += 16)
        {
            TLanes x = TLanes.Load(head + i);
            TLanes turned = TLanes.Multiply(TLanes.SwapPairs(x), TLanes.Load(sines + i));
            TLanes.Store(head + i, TLanes.MultiplyAdd(x, TLanes.Load(cosines + i), turned));
        }

        for (; i < count; i += 2)
        {
            Rotate(ref head[i], ref head[i + 1], cosines[i], sines[i + 1]);
        }
    }

    private static void Rotate(ref float a, ref float b, float cosine, float sine)
    {
        float first = MathF.FusedMultiplyAdd(a, cosine, -(b * sine));
        b = MathF.FusedMultiplyAdd(b, cosine, a * sine);
        a = first;
    }

    private readonly struct Shape(
        float* x, float* cosines, float* sines, int tokens, int heads, int headSize, int pairs, RopePairing pairing)
    {
        public readonly float* X = x;  // the first element that turns
        public readonly float* Cosines = cosines;
        public readonly float* Sines = sines;
        public readonly int Tokens = tokens;
        public readonly int Heads = heads;
        public readonly int HeadSize = headSize;
        public readonly int Pairs = pairs;
        public readonly RopePairing Pairing = pairing;
    }

    private struct Job<TLanes> : IParallelJob
        where TLanes : struct, ILanes<TLanes>
    {
        public Shape Shape;

        public readonly void Execute(int worker, int workers)
        {
            int pairs = Shape.Pairs;
            (int start, int end) = WorkRange.Of(Shape.Tokens, worker, workers);
            float* expanded = Shape.Pairing == RopePairing.Adjacent ? Scratch.Rent(ScratchUse.Worker, 4L * pairs) : null;
            for (int token = start; token < end; token++)
            {
                float* cosines = Shape.Cosines + ((long)token * pairs);
                float* sines = Shape.Sines + ((long)token * pairs);
                if (expanded is not null)
                {
                    for (int i = 0; i < pairs; i++)
                    {
                        expanded[2 * i] = expanded[(2 * i) + 1] = cosines[i];
                        expanded[(2 * pairs) + (2 * i)] = -sines[i];
                        expanded[(2 * pairs) + (2 * i) + 1] = sines[i];
                    }
                }

                float* head = Shape.X + ((long)token * Shape.Heads * Shape.HeadSize);
                for (int h = 0; h < Shape.Heads; h++, head += Shape.HeadSize)
                {
                    if (expanded is not null)
                    {
                        RotateAdjacent<TLanes>(head, expanded, expanded + (2 * pairs), 2 * pairs);
                    }
                    else
                    {
                        RotateSplit<TLanes>(head, cosines, sines, pairs);
                    }
                }
            }
        }
    }
}
