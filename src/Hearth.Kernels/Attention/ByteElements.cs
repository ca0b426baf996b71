using System.Runtime.CompilerServices;
using Hearth.Kernels.Simd;

namespace Hearth.Kernels.Attention;

/// <summary>
/// <see cref="KvElementType.Q8_0"/>: integers from -127 to 127. With a scale of 8 bits their product has no more than 15, so an element is
/// exact in a float and may be scaled before or after whatever shares it.
/// </summary>
internal readonly unsafe struct ByteElements : IKvElements
{
    private const float Steps = 127f;

    /// <summary>Of groups that are smaller nothing is left; of larger ones the scale is bounded.</summary>
    private const float LeastScale = 1.1754944e-30f;

    private const float LargestScale = 1e30f;

    public static int Size => sizeof(sbyte);

    public static KvScaling Scaling => KvScaling.Group;

    public static float QueryFactor => 1f;

    public static float ScoreFactor => 1f;

    public static float ProbabilityFactor => 1f;

    public static int Place(int index) => index;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes LoadLower<TLanes>(byte* pair)
        where TLanes : struct, ILanes<TLanes> => TLanes.LoadSignedBytes((sbyte*)pair);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes LoadUpper<TLanes>(byte* pair)
        where TLanes : struct, ILanes<TLanes> => TLanes.LoadSignedBytes((sbyte*)pair + 16);

    public static float Load(byte* elements, long place) => ((sbyte*)elements)[place];

    public static void Encode<TLanes>(float* source, byte* destination, int count, float* scales)
        where TLanes : struct, ILanes<TLanes>
    {
        int whole = count & -KvElementLayout.ScaleGroup;
        TLanes zero = TLanes.Create(0f);
        for (int i = 0; i < whole; i += KvElementLayout.ScaleGroup)
        {
            TLanes lower = TLanes.Load(source + i);
            TLanes upper = TLanes.Load(source + i + 16);
            TLanes most = TLanes.Max(
                TLanes.Max(lower, TLanes.Subtract(zero, lower)), TLanes.Max(upper, TLanes.Subtract(zero, upper)));
            (float scale, float inverse) = Scale(TLanes.MaxAcross(most));
            TLanes inverses = TLanes.Create(inverse);
            TLanes.StoreSignedBytes((sbyte*)destination + i, TLanes.Multiply(lower, inverses));
            TLanes.StoreSignedBytes((sbyte*)destination + i + 16, TLanes.Multiply(upper, inverses));
            *scales++ = scale;
        }

        EncodeReference(source + whole, destination + whole, count - whole, scales);
    }

    public static void EncodeReference(float* source, byte* destination, int count, float* scales)
    {
        for (int start = 0; start < count; start += KvElementLayout.ScaleGroup)
        {
            int end = Math.Min(start + KvElementLayout.ScaleGroup, count);
            float most = 0f;
            for (int i = start; i < end; i++)
            {
                most = Math.Abs(source[i]) > most ? Math.Abs(source[i]) : most;
            }

            (float scale, float inverse) = Scale(most);
            for (int i = start; i < end; i++)
            {
                float steps = Math.Clamp(source[i] * inverse, -Steps, Steps);
                destination[i] = (byte)(sbyte)(float.IsNaN(steps) ? 0f : MathF.Round(steps));
            }

            *scales++ = scale;
        }
    }

    /// <summary>The least number of 8 bits that is not below most / 127, and its inverse.</summary>
    private static (float Scale, float Inverse) Scale(float most)
    {
        float least = most / Steps;
        if (!(least >= LeastScale))
        {
            return (0f, 0f);
        }

        int bits = BitConverter.SingleToInt32Bits(Math.Min(least, LargestScale));
        float scale = BitConverter.Int32BitsToSingle((bits + 0xFFFF) & unchecked((int)0xFFFF_0000));
        return (scale, 1f / scale);
    }
}
