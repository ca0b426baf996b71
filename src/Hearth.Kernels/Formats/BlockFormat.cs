using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Formats;

/// <summary>The operations of one tensor format on runs of blocks: what a value of <see cref="TensorType"/> is dispatched to.</summary>
internal abstract unsafe class BlockFormat
{
    // By id, each made when it is first asked for: a model needs few of them.
    private static readonly BlockFormat?[] s_formats = new BlockFormat?[64];

    /// <summary>The id of the format.</summary>
    internal abstract TensorType Type { get; }

    /// <summary>Elements in a block.</summary>
    internal abstract int BlockElements { get; }

    /// <summary>Bytes of a block.</summary>
    internal abstract int BlockBytes { get; }

    /// <summary>Whether <see cref="Encode"/> is supported.</summary>
    internal virtual bool CanEncode => false;

    /// <summary>The operations of a format.</summary>
    /// <exception cref="ArgumentException">The type holds integers or 64-bit floats, or is not a tensor format.</exception>
    internal static BlockFormat Get(TensorType type) => Find(type) ?? throw new ArgumentException(
        $"Tensors of type {type} cannot be read as 32-bit floats; only float and quantised formats can.", nameof(type));

    /// <summary>Every format that decodes to floats.</summary>
    internal static IEnumerable<BlockFormat> All => Enum.GetValues<TensorType>().Select(Find).OfType<BlockFormat>();

    /// <summary>Decodes consecutive blocks.</summary>
    internal abstract void Decode(byte* blocks, float* destination, int count);

    /// <summary>Encodes consecutive blocks; every level gives the same bytes.</summary>
    /// <exception cref="NotSupportedException">The format has no encoder.</exception>
    internal virtual void Encode(float* source, byte* blocks, int count, InstructionSetLevel level) =>
        throw new NotSupportedException($"Values cannot be encoded to {Type}: no quantiser exists for this format here.");

    /// <summary>Sets the scales of consecutive blocks of random bytes; see <see cref="IBlockFormat{TSelf}.SetScale"/>.</summary>
    internal abstract void SetScales(byte* blocks, float scale, int count);

    private static BlockFormat? Find(TensorType type) =>
        (uint)type < (uint)s_formats.Length ? s_formats[(int)type] ??= Create(type) : null;

    private static BlockFormat? Create(TensorType type) => type switch
    {
        TensorType.F32 => new EncodableBlockFormat<F32>(),
        TensorType.F16 => new HalfBlockFormat<F16>(),
        TensorType.BF16 => new HalfBlockFormat<BF16>(),
        TensorType.Q1_0 => new EncodableBlockFormat<Q1_0>(),
        TensorType.Q2_0 => new EncodableBlockFormat<Q2_0>(),
        TensorType.Q4_0 => new EncodableBlockFormat<Q4_0>(),
        TensorType.Q4_1 => new EncodableBlockFormat<Q4_1>(),
        TensorType.Q5_0 => new EncodableBlockFormat<Q5_0>(),
        TensorType.Q5_1 => new EncodableBlockFormat<Q5_1>(),
        TensorType.Q8_0 => new EncodableBlockFormat<Q8_0>(),
        TensorType.Q2_K => new EncodableBlockFormat<Q2_K>(),
        TensorType.Q3_K => new EncodableBlockFormat<Q3_K>(),
        TensorType.Q4_K => new EncodableBlockFormat<Q4_K>(),
        TensorType.Q5_K => new EncodableBlockFormat<Q5_K>(),
        TensorType.Q6_K => new EncodableBlockFormat<Q6_K>(),
        TensorType.IQ4_NL => new EncodableBlockFormat<IQ4_NL>(),
        TensorType.IQ4_XS => new EncodableBlockFormat<IQ4_XS>(),
        TensorType.TQ1_0 => new EncodableBlockFormat<TQ1_0>(),
        TensorType.TQ2_0 => new EncodableBlockFormat<TQ2_0>(),
        TensorType.MXFP4 => new EncodableBlockFormat<MXFP4>(),
        TensorType.NVFP4 => new EncodableBlockFormat<NVFP4>(),
        TensorType.IQ1_S => new BlockFormat<IQ1_S>(),
        TensorType.IQ1_M => new BlockFormat<IQ1_M>(),
        TensorType.IQ2_XXS => new BlockFormat<IQ2_XXS>(),
        TensorType.IQ2_XS => new BlockFormat<IQ2_XS>(),
        TensorType.IQ2_S => new BlockFormat<IQ2_S>(),
        TensorType.IQ3_XXS => new BlockFormat<IQ3_XXS>(),
        TensorType.IQ3_S => new BlockFormat<IQ3_S>(),
        _ => null,
    };
}

/// <summary>The operations of a format given by its struct.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
internal unsafe class BlockFormat<TFormat> : BlockFormat
    where TFormat : unmanaged, IBlockFormat<TFormat>
{
    /// <inheritdoc/>
    internal sealed override TensorType Type => TFormat.Type;

    /// <inheritdoc/>
    internal sealed override int BlockElements => TFormat.BlockElements;

    /// <inheritdoc/>
    internal sealed override int BlockBytes => TFormat.BlockBytes;

    /// <inheritdoc/>
    internal sealed override void Decode(byte* blocks, float* destination, int count)
    {
        TFormat* block = (TFormat*)blocks;
        for (int i = 0; i < count; i++)
        {
            TFormat.Decode(block + i, destination);
            destination += TFormat.BlockElements;
        }
    }

    /// <inheritdoc/>
    internal sealed override void SetScales(byte* blocks, float scale, int count)
    {
        // 16 scales in turn, in an order that looks random: both signs, and magnitudes that spread as in a trained model.
        const ulong GoldenRatio = 0x9E37_79B9_7F4A_7C15;
        Span<float> scales = stackalloc float[16];
        for (int i = 0; i < scales.Length; i++)
        {
            scales[i] = (i < 8 ? scale : -scale) * (0.75f + (0.0625f * (i & 7)));
        }

        TFormat* block = (TFormat*)blocks;
        ulong position = 0;
        for (int i = 0; i < count; i++)
        {
            position += GoldenRatio;
            TFormat.SetScale(block + i, scales[(int)(position >> 60)]);
        }
    }
}

/// <summary>The operations of a format that can be written.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
internal unsafe class EncodableBlockFormat<TFormat> : BlockFormat<TFormat>
    where TFormat : unmanaged, IEncodableFormat<TFormat>
{
    /// <inheritdoc/>
    internal override bool CanEncode => true;

    /// <inheritdoc/>
    internal override void Encode(float* source, byte* blocks, int count, InstructionSetLevel level)
    {
        switch (level)
        {
            case InstructionSetLevel.Avx512:
                Encode<Lanes512>(source, (TFormat*)blocks, count);
                break;
            case InstructionSetLevel.Avx2:
                Encode<Lanes256>(source, (TFormat*)blocks, count);
                break;
            case InstructionSetLevel.Neon:
                Encode<Lanes128>(source, (TFormat*)blocks, count);
                break;
            default:
                Encode<ScalarLanes>(source, (TFormat*)blocks, count);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Encode<TLanes>(float* source, TFormat* blocks, int count)
        where TLanes : struct, ILanes<TLanes>
    {
        for (int i = 0; i < count; i++)
        {
            TFormat.Encode<TLanes>(source, blocks + i);
            source += TFormat.BlockElements;
        }
    }
}

/// <summary>The operations of a format of one 16-bit element per block, eight elements at a time.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
internal sealed unsafe class HalfBlockFormat<TFormat> : EncodableBlockFormat<TFormat>
    where TFormat : unmanaged, IHalfFormat<TFormat>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Encode(float* source, byte* blocks, int count, InstructionSetLevel level)
    {
        int i = 0;
        if (level != InstructionSetLevel.Scalar)
        {
            for (; i <= count - Vector128<ushort>.Count; i += Vector128<ushort>.Count)
            {
                Vector128<uint> low = TFormat.Round(Vector128.Load((uint*)source + i));
                Vector128<uint> high = TFormat.Round(Vector128.Load((uint*)source + i + 4));
                Vector128.Narrow(low, high).Store((ushort*)blocks + i);
            }
        }

        base.Encode(source + i, blocks + (i * sizeof(ushort)), count - i, InstructionSetLevel.Scalar);
    }
}
