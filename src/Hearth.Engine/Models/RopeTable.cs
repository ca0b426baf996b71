namespace Hearth.Engine.Models;

/// <summary>
/// Angles of the rotary position embedding (arXiv:2104.09864): pair i of a head turns by <c>position * frequency[i]</c>. Every kind of
/// scaling only changes the frequencies and one magnitude, so it all lives here, in double precision.
/// </summary>
internal sealed class RopeTable
{
    private readonly double[] _shortFrequencies;
    private readonly double[] _longFrequencies;
    private readonly int _originalContextLength;
    private readonly double _magnitude;
    private double[] _frequencies;

    /// <param name="config">What the header says.</param>
    /// <param name="shortDivisors">Divisors of the frequencies, <c>[pairs]</c> (Llama 3's wavelength rule, baked into the file, or
    /// LongRoPE's short factors), or empty.</param>
    /// <param name="longDivisors">Divisors for contexts longer than the original one, or empty.</param>
    public RopeTable(RopeConfig config, ReadOnlySpan<float> shortDivisors = default, ReadOnlySpan<float> longDivisors = default)
    {
        _shortFrequencies = Frequencies(config, shortDivisors);
        _longFrequencies = Frequencies(config, longDivisors);
        _frequencies = _shortFrequencies;
        _originalContextLength = config.OriginalContextLength;
        _magnitude = config.AttentionFactor;
        if (config.Scaling == RopeScalingKind.Yarn)
        {
            _magnitude *= YarnMagnitude(config);
        }
    }

    /// <summary>Rotated pairs of a head.</summary>
    public int Pairs => _frequencies.Length;

    /// <summary>Chooses the factors by the context in force, once for all positions.</summary>
    public void UseContext(int contextLength) => _frequencies = contextLength > _originalContextLength ? _longFrequencies : _shortFrequencies;

    /// <summary>Writes the cosines and sines of one position, each <c>[pairs]</c>.</summary>
    public void Write(int position, Span<float> cosines, Span<float> sines)
    {
        for (int i = 0; i < _frequencies.Length; i++)
        {
            (double sine, double cosine) = Math.SinCos(position * _frequencies[i]);
            cosines[i] = (float)(cosine * _magnitude);
            sines[i] = (float)(sine * _magnitude);
        }
    }

    private static double[] Frequencies(RopeConfig config, ReadOnlySpan<float> divisors)
    {
        int pairs = config.DimensionCount / 2;
        double[] keep = config.Scaling == RopeScalingKind.Yarn ? YarnRamp(config, pairs) : new double[pairs];
        double factor = config.Scaling == RopeScalingKind.None ? 1 : config.Factor;
        double[] frequencies = new double[pairs];
        for (int i = 0; i < pairs; i++)
        {
            double frequency = Math.Pow(config.FrequencyBase, -2.0 * i / config.DimensionCount) / (divisors.IsEmpty ? 1 : divisors[i]);
            frequencies[i] = (frequency / factor * (1 - keep[i])) + (frequency * keep[i]);
        }

        return frequencies;
    }

    // arXiv:2309.00071, section 3.2: the share of each frequency that is kept, falling from 1 to 0 between the two correction dimensions.
    private static double[] YarnRamp(RopeConfig config, int pairs)
    {
        double CorrectionDimension(double rotations) =>
            config.DimensionCount * Math.Log(config.OriginalContextLength / (rotations * 2 * Math.PI)) / (2 * Math.Log(config.FrequencyBase));

        double low = Math.Max(0, Math.Floor(CorrectionDimension(config.BetaFast)));
        double high = Math.Min(config.DimensionCount - 1, Math.Ceiling(CorrectionDimension(config.BetaSlow)));
        double[] keep = new double[pairs];
        for (int i = 0; i < pairs; i++)
        {
            keep[i] = config.ExtrapolationFactor * (1 - Math.Clamp((i - low) / Math.Max(0.001, high - low), 0, 1));
        }

        return keep;
    }

    // arXiv:2309.00071, section 3.4: sqrt(1/t) = 0.1 ln(factor) + 1; with a log multiplier the two magnitudes' quotient.
    private static double YarnMagnitude(RopeConfig config)
    {
        double Magnitude(double multiplier) => config.Factor <= 1 ? 1 : (0.1 * multiplier * Math.Log(config.Factor)) + 1;

        return config.LogMultiplier == 0 ? Magnitude(1) : Magnitude(1) / Magnitude(config.LogMultiplier);
    }
}
