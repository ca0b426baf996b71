namespace Hearth.Engine.Devices;

/// <summary>Cosines and sines of one table of rotary angles for the tokens of a step.</summary>
public sealed class RopeAngles
{
    private float[] _cosines = [];
    private float[] _sines = [];
    private int _tokens;

    /// <summary>Rotated pairs of a head.</summary>
    public int Pairs { get; private set; }

    /// <summary>Cosines, <c>[tokens, pairs]</c>.</summary>
    public Span<float> Cosines => _cosines.AsSpan(0, _tokens * Pairs);

    /// <summary>Sines, <c>[tokens, pairs]</c>.</summary>
    public Span<float> Sines => _sines.AsSpan(0, _tokens * Pairs);

    internal void Resize(int tokens, int pairs)
    {
        _tokens = tokens;
        Pairs = pairs;
        if (_cosines.Length < tokens * pairs)
        {
            _cosines = new float[tokens * pairs];
            _sines = new float[tokens * pairs];
        }
    }
}
