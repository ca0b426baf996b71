namespace Hearth.Training.Numerics;

/// <summary>Rotary position embedding (Su et al. 2021) of adjacent pairs (2i, 2i + 1), as the llama family stores them in GGUF.</summary>
internal sealed class Rope
{
    private readonly int _pairs;
    private readonly float[] _cosines;
    private readonly float[] _sines;

    /// <summary>Angles position * base^(-2i / headWidth), computed in double.</summary>
    public Rope(int headWidth, int context, double frequencyBase)
    {
        _pairs = headWidth / 2;
        _cosines = new float[context * _pairs];
        _sines = new float[context * _pairs];
        for (int position = 0; position < context; position++)
        {
            for (int i = 0; i < _pairs; i++)
            {
                (double sine, double cosine) = Math.SinCos(position * Math.Pow(frequencyBase, -2.0 * i / headWidth));
                _cosines[position * _pairs + i] = (float)cosine;
                _sines[position * _pairs + i] = (float)sine;
            }
        }
    }

    /// <summary>Turns every head of one row by its position's angles, or back (the gradient) when <paramref name="inverse"/>.</summary>
    public void Rotate(Span<float> heads, int position, bool inverse)
    {
        ReadOnlySpan<float> cosines = _cosines.AsSpan(position * _pairs, _pairs);
        ReadOnlySpan<float> sines = _sines.AsSpan(position * _pairs, _pairs);
        float sign = inverse ? -1 : 1;
        for (int head = 0; head < heads.Length; head += 2 * _pairs)
        {
            Span<float> values = heads.Slice(head, 2 * _pairs);
            for (int i = 0; i < cosines.Length; i++)
            {
                float a = values[2 * i];
                float b = values[2 * i + 1];
                float sine = sign * sines[i];
                values[2 * i] = a * cosines[i] - b * sine;
                values[2 * i + 1] = a * sine + b * cosines[i];
            }
        }
    }
}
