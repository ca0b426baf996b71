namespace Hearth.Engine.Sampling;

/// <summary>
/// The 32-bit Mersenne Twister (Matsumoto and Nishimura, 1998) with libstdc++'s conversion to floating point, so that a seed draws the
/// same numbers as in llama.cpp.
/// </summary>
internal sealed class Mt19937
{
    private const int StateLength = 624;
    private const int MiddleOffset = 397;
    private const uint TwistMatrix = 0x9908B0DF;
    private const double TwoToThe32 = 4294967296.0;

    private readonly uint[] _state = new uint[StateLength];
    private int _next = StateLength;

    /// <summary>Creates a generator with a seed.</summary>
    internal Mt19937(uint seed)
    {
        _state[0] = seed;
        for (var i = 1; i < StateLength; i++)
        {
            var previous = _state[i - 1];
            _state[i] = (1812433253u * (previous ^ (previous >> 30))) + (uint)i;
        }
    }

    /// <summary>The next 32 bits.</summary>
    internal uint NextUInt32()
    {
        if (_next == StateLength)
        {
            Twist();
        }

        var y = _state[_next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680;
        y ^= (y << 15) & 0xEFC60000;
        return y ^ (y >> 18);
    }

    /// <summary>A number in [0, 1) from two words, the low one first: <c>(a + b * 2^32) / 2^64</c>.</summary>
    internal double NextDouble()
    {
        double low = NextUInt32();
        double high = NextUInt32();
        var value = (low + (high * TwoToThe32)) / (TwoToThe32 * TwoToThe32);
        return value < 1.0 ? value : Math.BitDecrement(1.0);
    }

    /// <summary>A number in [0, 1) from one word.</summary>
    internal float NextSingle()
    {
        var value = NextUInt32() / (float)TwoToThe32;
        return value < 1f ? value : MathF.BitDecrement(1f);
    }

    private void Twist()
    {
        for (var i = 0; i < StateLength; i++)
        {
            var y = (_state[i] & 0x80000000) | (_state[(i + 1) % StateLength] & 0x7FFFFFFF);
            var next = _state[(i + MiddleOffset) % StateLength] ^ (y >> 1);
            _state[i] = (y & 1) == 0 ? next : next ^ TwistMatrix;
        }

        _next = 0;
    }
}
