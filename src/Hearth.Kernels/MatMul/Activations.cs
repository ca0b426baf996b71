using Hearth.Kernels.Formats;
using Hearth.Kernels.MatMul.Lanes;
using Hearth.Kernels.Memory;
using Hearth.Kernels.Norm;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.MatMul;

/// <summary>
/// The input of matrix products, <c>[tokens, columns]</c>, in the forms that weights need. It is loaded once and used for every matrix
/// with the same input. A token's forms depend on that token only. The buffers are kept and grow.
/// </summary>
public sealed unsafe class Activations : IDisposable
{
    private const int FloatPadding = 16;
    private const int SerialLimit = 16_384;

    /// <summary>From this many tokens on, quantised forms are held with an element per token as well.</summary>
    internal const int LeastLaneTokens = 6;

    private AlignedBuffer<float> _floats = new(0);
    private AlignedBuffer<float> _halves = new(0);
    private AlignedBuffer<ActivationGroup32> _groups = new(0);
    private AlignedBuffer<ActivationBlock256> _blocks = new(0);
    private AlignedBuffer<byte> _groupLanes = new(0);
    private AlignedBuffer<byte> _blockLanes = new(0);
    private bool _disposed;

    /// <summary>Rows loaded.</summary>
    public int Tokens { get; private set; }

    /// <summary>Elements of a row.</summary>
    public int Columns { get; private set; }

    /// <summary>The forms loaded.</summary>
    public ActivationFormats Formats { get; private set; }

    /// <summary>Floats from one token to the next: the columns, padded with zeros to a multiple of 16.</summary>
    private int FloatStride => (Columns + FloatPadding - 1) / FloatPadding * FloatPadding;

    /// <summary>Groups of a token.</summary>
    private int Groups => (Columns + ActivationGroup32.Elements - 1) / ActivationGroup32.Elements;

    /// <summary>Blocks of a token.</summary>
    private int Blocks => Columns / ActivationBlock256.Elements;

    /// <summary>Whether <see cref="LanePointer"/> may be used.</summary>
    internal bool HasLanes { get; private set; }

    private long GroupLaneBytes => (long)Groups * LaneBlock.GroupBytes;

    private long BlockLaneBytes => (long)Blocks * LaneBlock.BlockBytes;

    private float* FloatPointer => _floats.Pointer;

    private ActivationGroup32* GroupPointer => _groups.Pointer;

    private ActivationBlock256* BlockPointer => _blocks.Pointer;

    /// <summary>The form that products with weights of a type need.</summary>
    public static ActivationFormats FormatFor(TensorType weights) => weights switch
    {
        TensorType.Q4_0 or TensorType.Q4_1 or TensorType.Q5_0 or TensorType.Q5_1 or TensorType.Q8_0 or TensorType.MXFP4 or TensorType.IQ4_NL =>
            ActivationFormats.Int8Block32,
        TensorType.Q2_K or TensorType.Q3_K or TensorType.Q4_K or TensorType.Q5_K or TensorType.Q6_K or TensorType.IQ4_XS
            or TensorType.IQ2_XXS or TensorType.IQ2_XS or TensorType.IQ2_S or TensorType.IQ3_XXS or TensorType.IQ3_S =>
            ActivationFormats.Int8Block256,
        TensorType.F16 => ActivationFormats.Half,
        _ => ActivationFormats.F32,
    };

    /// <summary>Whether products with weights of a type are products of floats.</summary>
    public static bool AreFloats(TensorType weights) => FormatFor(weights) is ActivationFormats.F32 or ActivationFormats.Half;

    /// <summary>Replaces the content.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="source">[tokens, columns]; infinities and NaNs reach the results of their own token only.</param>
    /// <param name="tokens">Rows; zero or more.</param>
    /// <param name="columns">Elements of a row; a multiple of the block of every form asked for.</param>
    /// <param name="formats">The forms to hold.</param>
    /// <exception cref="ArgumentException">The source does not have the elements of its shape, or the columns do not fill
    /// blocks.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public void Load(ComputePool pool, ReadOnlySpan<float> source, int tokens, int columns, ActivationFormats formats) =>
        Load(pool, source, tokens, columns, formats, InstructionSets.Level);

    /// <summary>Replaces the content by rows that are normalised on the way: each is quantised while it is in the nearest cache.</summary>
    /// <param name="pool">The workers.</param>
    /// <param name="source">[tokens, columns].</param>
    /// <param name="weight">[columns], or nothing: as of <see cref="RmsNormOp"/>, whose results these are.</param>
    /// <param name="epsilon">Added to the mean of the squares; zero or more.</param>
    /// <param name="normalized">[tokens, columns]: the normalised rows; may be the source itself.</param>
    /// <param name="tokens">Rows; zero or more.</param>
    /// <param name="columns">Elements of a row; a multiple of the block of every form asked for.</param>
    /// <param name="formats">The forms to hold.</param>
    /// <exception cref="ArgumentException">A span does not have the elements of its shape, or the columns do not fill blocks.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public void LoadNormalized(
        ComputePool pool,
        ReadOnlySpan<float> source,
        ReadOnlySpan<float> weight,
        float epsilon,
        Span<float> normalized,
        int tokens,
        int columns,
        ActivationFormats formats) =>
        LoadNormalized(pool, source, weight, epsilon, normalized, tokens, columns, formats, InstructionSets.Level);

    internal void LoadNormalized(
        ComputePool pool,
        ReadOnlySpan<float> source,
        ReadOnlySpan<float> weight,
        float epsilon,
        Span<float> normalized,
        int tokens,
        int columns,
        ActivationFormats formats,
        InstructionSetLevel level)
    {
        OperationArgument.ThrowIfNotGroups(weight.Length, 1, columns, nameof(weight));
        OperationArgument.ThrowIfLengthDiffers(source.Length, (long)tokens * columns, "[tokens, columns]", nameof(source));
        fixed (float* pointer = source, weights = weight)
        {
            Load(pool, normalized, tokens, columns, formats, level, new Normalizer(pointer, weights, epsilon));
        }
    }

    internal void Load(
        ComputePool pool,
        ReadOnlySpan<float> source,
        int tokens,
        int columns,
        ActivationFormats formats,
        InstructionSetLevel level,
        Normalizer normalizer = default)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        if (source.Length != (long)tokens * columns)
        {
            throw new ArgumentException($"{source.Length} elements were given; {tokens} tokens of {columns} columns are {(long)tokens * columns}.", nameof(source));
        }

        CheckBlock(formats, ActivationFormats.Int8Block32, columns, ActivationGroup32.BlockElements);
        CheckBlock(formats, ActivationFormats.Int8Block256, columns, ActivationBlock256.Elements);
        (Tokens, Columns, Formats) = (tokens, columns, formats);
        HasLanes = tokens >= LeastLaneTokens && level is not InstructionSetLevel.Scalar;
        Grow(ref _floats, formats.HasFlag(ActivationFormats.F32) ? (long)tokens * FloatStride : 0);
        Grow(ref _halves, formats.HasFlag(ActivationFormats.Half) ? (long)tokens * FloatStride : 0);
        Grow(ref _groups, formats.HasFlag(ActivationFormats.Int8Block32) ? (long)tokens * Groups : 0);
        Grow(ref _blocks, formats.HasFlag(ActivationFormats.Int8Block256) ? (long)tokens * Blocks : 0);
        long sixteens = HasLanes ? (tokens + LaneBlock.Tokens - 1) / LaneBlock.Tokens : 0;
        Grow(ref _groupLanes, formats.HasFlag(ActivationFormats.Int8Block32) ? sixteens * GroupLaneBytes : 0);
        Grow(ref _blockLanes, formats.HasFlag(ActivationFormats.Int8Block256) ? sixteens * BlockLaneBytes : 0);
        fixed (float* pointer = source)
        {
            LoadJob job = new() { Target = this, Source = pointer, Level = level, Normalizer = normalizer };
            if (tokens < 2 || source.Length <= SerialLimit)
            {
                job.Execute(0, 1);
            }
            else
            {
                pool.Run(ref job);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        (Tokens, Formats) = (0, ActivationFormats.None);
        _floats.Dispose();
        _halves.Dispose();
        _groups.Dispose();
        _groupLanes.Dispose();
        _blockLanes.Dispose();
        _blocks.Dispose();
    }

    /// <summary>The first token in a form: floats, <see cref="ActivationGroup32"/> or <see cref="ActivationBlock256"/>.</summary>
    internal byte* Pointer(ActivationFormats format) => format switch
    {
        ActivationFormats.Int8Block32 => (byte*)GroupPointer,
        ActivationFormats.Int8Block256 => (byte*)BlockPointer,
        ActivationFormats.Half => (byte*)_halves.Pointer,
        _ => (byte*)FloatPointer,
    };

    /// <summary>The <see cref="LaneBlock"/> of 16 tokens in a quantised form.</summary>
    internal byte* LanePointer(ActivationFormats format, int sixteen) => format == ActivationFormats.Int8Block32
        ? _groupLanes.Pointer + (sixteen * GroupLaneBytes)
        : _blockLanes.Pointer + (sixteen * BlockLaneBytes);

    /// <summary>Bytes from one token to the next in a form.</summary>
    internal nint TokenBytes(ActivationFormats format) => format switch
    {
        ActivationFormats.Int8Block32 => Groups * sizeof(ActivationGroup32),
        ActivationFormats.Int8Block256 => Blocks * sizeof(ActivationBlock256),
        _ => FloatStride * sizeof(float),
    };

    /// <summary>The bytes of one token in a form.</summary>
    internal ReadOnlySpan<byte> TokenSpan(ActivationFormats format, int token) =>
        new(Pointer(format) + (token * TokenBytes(format)), (int)TokenBytes(format));

    private static void CheckBlock(ActivationFormats formats, ActivationFormats format, int columns, int block)
    {
        if (formats.HasFlag(format) && columns % block != 0)
        {
            throw new ArgumentException($"{columns} columns are not whole blocks of {block}, which {format} needs.", nameof(columns));
        }
    }

    private static void Grow<T>(ref AlignedBuffer<T> buffer, long length)
        where T : unmanaged
    {
        if (buffer.Length < length)
        {
            AlignedBuffer<T> larger = new(checked((int)length));
            buffer.Dispose();
            buffer = larger;
        }
    }

    private void LoadToken(float* source, int token, InstructionSetLevel level)
    {
        (int sixteen, int lane) = Math.DivRem(token, LaneBlock.Tokens);
        if (Formats.HasFlag(ActivationFormats.F32))
        {
            Span<float> row = new(FloatPointer + ((long)token * FloatStride), FloatStride);
            new ReadOnlySpan<float>(source, Columns).CopyTo(row);
            row[Columns..].Clear();
        }

        if (Formats.HasFlag(ActivationFormats.Half))
        {
            Span<float> row = new(_halves.Pointer + ((long)token * FloatStride), FloatStride);
            HalfRounding.Run(new ReadOnlySpan<float>(source, Columns), row);
            row[Columns..].Clear();
        }

        if (Formats.HasFlag(ActivationFormats.Int8Block32))
        {
            ActivationGroup32* groups = GroupPointer + ((long)token * Groups);
            ActivationQuantizer.ToBlocks32(source, Columns, groups, level);
            if (HasLanes)
            {
                LaneBlock.Write(groups, Groups, LanePointer(ActivationFormats.Int8Block32, sixteen), lane);
            }
        }

        if (Formats.HasFlag(ActivationFormats.Int8Block256))
        {
            ActivationBlock256* blocks = BlockPointer + ((long)token * Blocks);
            ActivationQuantizer.ToBlocks256(source, Columns, blocks, level);
            if (HasLanes)
            {
                LaneBlock.Write(blocks, Blocks, LanePointer(ActivationFormats.Int8Block256, sixteen), lane);
            }
        }
    }

    private struct LoadJob : IParallelJob
    {
        public Activations Target;
        public float* Source;
        public InstructionSetLevel Level;
        public Normalizer Normalizer;

        public readonly void Execute(int worker, int workers)
        {
            (int start, int end) = WorkRange.Of(Target.Tokens, worker, workers, LaneBlock.Tokens);
            for (int token = start; token < end; token++)
            {
                float* row = Source + ((long)token * Target.Columns);
                Normalizer.Run(Level, row, token, Target.Columns);
                Target.LoadToken(row, token, Level);
            }
        }
    }

    /// <summary>Writes the normalised rows that are loaded; the default leaves the rows as they are.</summary>
    internal readonly struct Normalizer(float* source, float* weight, float epsilon)
    {
        public void Run(InstructionSetLevel level, float* destination, int token, int columns)
        {
            if (source is not null)
            {
                RmsNormOp.Row(level, source + ((long)token * columns), weight, epsilon, destination, columns);
            }
        }
    }
}
