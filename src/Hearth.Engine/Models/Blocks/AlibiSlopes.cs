namespace Hearth.Engine.Models.Blocks;

/// <summary>
/// The slopes of attention with linear biases (arXiv:2108.12409, section 3), with its rule for head counts that are no power of two.
/// </summary>
internal static class AlibiSlopes
{
    /// <summary>Slopes <c>[heads]</c>.</summary>
    public static float[] For(int heads, float maxBias)
    {
        int power = 1 << (int)Math.Floor(Math.Log2(heads));
        double first = Math.Pow(2, -maxBias / power);
        double second = Math.Pow(2, -maxBias / 2 / power);
        float[] slopes = new float[heads];
        for (int head = 0; head < heads; head++)
        {
            slopes[head] = (float)(head < power ? Math.Pow(first, head + 1) : Math.Pow(second, (2 * (head - power)) + 1));
        }

        return slopes;
    }
}
