using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hearth.Kernels.Formats;

namespace Hearth.Kernels.MatMul.Neon;

/// <summary>What the formats of blocks of 256 share.</summary>
internal static unsafe class Block256Neon
{
    /// <summary>Unpacks a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Unpack<TFormat>(byte* block, Block256* destination)
        where TFormat : struct, IBlock256Neon
    {
        TFormat.Scales(block).Store(destination->Scales);
        destination->Scale = HalfTable.ToSingle(*(ushort*)(block + TFormat.ScaleOffset));
        destination->MinimumScale = 0;
        if (TFormat.HasMinimums)
        {
            TFormat.Minimums(block).Store(destination->Minimums);
            destination->MinimumScale = HalfTable.ToSingle(*(ushort*)(block + TFormat.MinimumScaleOffset));
        }

        Store<TFormat>(block, 0, destination);
        Store<TFormat>(block, 1, destination);
        Store<TFormat>(block, 2, destination);
        Store<TFormat>(block, 3, destination);
        Store<TFormat>(block, 4, destination);
        Store<TFormat>(block, 5, destination);
        Store<TFormat>(block, 6, destination);
        Store<TFormat>(block, 7, destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TFormat>(byte* block, int part, Block256* destination)
        where TFormat : struct, IBlock256Neon
    {
        TFormat.Load(block, part, out Vector128<sbyte> first, out Vector128<sbyte> last);
        first.Store(destination->Codes + (32 * part));
        last.Store(destination->Codes + (32 * part) + 16);
    }
}

/// <summary>Codes of <see cref="Q4_K"/>.</summary>
internal readonly unsafe struct Q4_KNeon : IBlock256Neon
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q4_K);

    /// <inheritdoc/>
    public static int SubBlock => 32;

    /// <inheritdoc/>
    public static bool HasMinimums => true;

    /// <inheritdoc/>
    public static int ScaleOffset => 0;

    /// <inheritdoc/>
    public static int MinimumScaleOffset => 2;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, Block256* destination) => Block256Neon.Unpack<Q4_KNeon>(block, destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* block, int part, out Vector128<sbyte> first, out Vector128<sbyte> last)
    {
        byte* codes = ((Q4_K*)block)->Codes + (part / 2 * 32);
        first = CodeBits.Move(codes, part % 2 * 4, 0, 15).AsSByte();
        last = CodeBits.Move(codes + 16, part % 2 * 4, 0, 15).AsSByte();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> Scales(byte* block)
    {
        uint* packed = (uint*)((Q4_K*)block)->SubScales;
        return Eight(packed[0], packed[2]).AsSByte();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Minimums(byte* block)
    {
        uint* packed = (uint*)((Q4_K*)block)->SubScales;
        return Eight(packed[1], packed[2] >> 4);
    }

    /// <summary>Eight values of six bits, each twice: see <see cref="PackedScales"/>.</summary>
    /// <param name="low">Values 0 to 3, and the high bits of values 4 to 7.</param>
    /// <param name="high">The low bits of values 4 to 7.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Eight(uint low, uint high) =>
        CodeBits.Twice((low & 0x3F3F_3F3F) | ((ulong)((high & 0x0F0F_0F0F) | ((low >> 2) & 0x3030_3030)) << 32));
}

/// <summary>Codes of <see cref="Q5_K"/>.</summary>
internal readonly unsafe struct Q5_KNeon : IBlock256Neon
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q5_K);

    /// <inheritdoc/>
    public static int SubBlock => 32;

    /// <inheritdoc/>
    public static bool HasMinimums => true;

    /// <inheritdoc/>
    public static int ScaleOffset => 0;

    /// <inheritdoc/>
    public static int MinimumScaleOffset => 2;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, Block256* destination) => Block256Neon.Unpack<Q5_KNeon>(block, destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* block, int part, out Vector128<sbyte> first, out Vector128<sbyte> last)
    {
        byte* high = ((Q5_K*)block)->HighBits, codes = ((Q5_K*)block)->Codes + (part / 2 * 32);
        first = (CodeBits.Move(codes, part % 2 * 4, 0, 15) | CodeBits.Move(high, part, 4, 16)).AsSByte();
        last = (CodeBits.Move(codes + 16, part % 2 * 4, 0, 15) | CodeBits.Move(high + 16, part, 4, 16)).AsSByte();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> Scales(byte* block) => Q4_KNeon.Scales(block);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Minimums(byte* block) => Q4_KNeon.Minimums(block);
}

/// <summary>Codes of <see cref="Q6_K"/>, less their zero point 32.</summary>
internal readonly unsafe struct Q6_KNeon : IBlock256Neon
{
    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Q6_K);

    /// <inheritdoc/>
    public static int ScaleOffset => sizeof(Q6_K) - sizeof(ushort);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* block, Block256* destination) => Block256Neon.Unpack<Q6_KNeon>(block, destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* block, int part, out Vector128<sbyte> first, out Vector128<sbyte> last)
    {
        byte* low = ((Q6_K*)block)->LowBits + (part / 4 * 64) + (part % 2 * 32), high = ((Q6_K*)block)->HighBits + (part / 4 * 32);
        first = Codes(low, high, part % 4);
        last = Codes(low + 16, high + 16, part % 4);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> Scales(byte* block) => Vector128.Load(((Q6_K*)block)->SubScales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Codes(byte* low, byte* high, int quarter) =>
        (CodeBits.Move(low, quarter / 2 * 4, 0, 15) | CodeBits.Move(high, quarter * 2, 4, 48)).AsSByte() - Vector128.Create((sbyte)32);
}
