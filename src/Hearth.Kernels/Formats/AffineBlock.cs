namespace Hearth.Kernels.Formats;

/// <summary>The encoder of <see cref="Q4_K"/> and Q5_K, which differ only in the codes' width.</summary>
internal static unsafe class AffineBlock
{
    private const int SubBlock = 32;
    private const int HighestSubScale = 63;

    /// <summary>Chooses scales and rounds the codes.</summary>
    /// <param name="source">256 values.</param>
    /// <param name="codes">256 codes, in element order.</param>
    /// <param name="highest">The largest code.</param>
    /// <param name="scale">Where the scale of scales goes, a half.</param>
    /// <param name="minimumScale">Where the scale of minimums goes, a half.</param>
    /// <param name="subScales">Where the packed scales and minimums go.</param>
    internal static void Encode(float* source, byte* codes, int highest, ushort* scale, ushort* minimumScale, byte* subScales)
    {
        float* scales = stackalloc float[PackedScales.Count];
        float* minimums = stackalloc float[PackedScales.Count];
        for (int b = 0; b < PackedScales.Count; b++)
        {
            (scales[b], minimums[b]) = ScaleSearch.Affine(source + (b * SubBlock), SubBlock, highest);
        }

        *scale = HalfTable.FromSingle(ScaleSearch.Extreme(scales, PackedScales.Count) / HighestSubScale);
        *minimumScale = HalfTable.FromSingle(ScaleSearch.Extreme(minimums, PackedScales.Count) / HighestSubScale);
        float blockScale = HalfTable.ToSingle(*scale), blockMinimum = HalfTable.ToSingle(*minimumScale);
        byte* scaleCodes = stackalloc byte[PackedScales.Count];
        byte* minimumCodes = stackalloc byte[PackedScales.Count];
        for (int b = 0; b < PackedScales.Count; b++)
        {
            scaleCodes[b] = (byte)ScaleSearch.Round(scales[b] * ScaleSearch.Inverse(blockScale), 0, HighestSubScale);
            minimumCodes[b] = (byte)ScaleSearch.Round(minimums[b] * ScaleSearch.Inverse(blockMinimum), 0, HighestSubScale);
            float inverse = ScaleSearch.Inverse(blockScale * scaleCodes[b]);
            float minimum = blockMinimum * minimumCodes[b];
            for (int i = b * SubBlock; i < (b + 1) * SubBlock; i++)
            {
                codes[i] = (byte)ScaleSearch.Round((source[i] + minimum) * inverse, 0, highest);
            }
        }

        PackedScales.Pack(scaleCodes, minimumCodes, subScales);
    }
}
