using System.Globalization;

namespace Hearth.Benchmarks.Load;

/// <summary>How many tokens: <c>128</c> always, <c>64:512</c> uniform with both ends, <c>128~32</c> normal.</summary>
internal sealed record LengthDistribution
{
    private LengthDistribution(string text, int minimum, int maximum, double mean, double deviation)
    {
        Text = text;
        Minimum = minimum;
        Maximum = maximum;
        Mean = mean;
        Deviation = deviation;
    }

    /// <summary>As it was written.</summary>
    public string Text { get; }

    public int Minimum { get; }

    public int Maximum { get; }

    public double Mean { get; }

    /// <summary>The deviation of a normal distribution; 0 for the others.</summary>
    public double Deviation { get; }

    /// <exception cref="FormatException">The text is none of the three forms, or asks for no tokens.</exception>
    public static LengthDistribution Parse(string text)
    {
        string[] range = text.Split(':');
        string[] normal = text.Split('~');
        return range.Length == 2 && Whole(range[0]) is int minimum && Whole(range[1]) is int maximum && minimum <= maximum
                ? new LengthDistribution(text, minimum, maximum, (minimum + (double)maximum) / 2, 0)
            : normal.Length == 2 && Whole(normal[0]) is int mean && Whole(normal[1]) is int deviation
                ? new LengthDistribution(text, 1, int.MaxValue, mean, deviation)
            : Whole(text) is int always
                ? new LengthDistribution(text, always, always, always, 0)
            : throw new FormatException(
                $"'{text}' is no number of tokens: write 128, 64:512 (uniform) or 128~32 (normal: mean and deviation), each at least 1.");
    }

    /// <summary>A length; of a normal distribution at least 1.</summary>
    public int Sample(SeededRandom random) => Deviation == 0
        ? random.Next(Minimum, Maximum)
        : (int)Math.Clamp(Math.Round(Mean + (Deviation * random.NextNormal())), 1, int.MaxValue);

    private static int? Whole(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= 1 ? value : null;
}
