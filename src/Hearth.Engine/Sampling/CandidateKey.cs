namespace Hearth.Engine.Sampling;

/// <summary>
/// A number and a token id packed into 64 bits, so that sorting the keys upwards sorts the numbers downwards and equal numbers by id.
/// </summary>
internal static class CandidateKey
{
    /// <summary>Packs a number, which must not be NaN, and an id.</summary>
    internal static ulong Pack(float value, int id)
    {
        // Adding zero turns -0 into +0, so that both are equal. Floats order as their bits do, once negative ones are inverted.
        var bits = BitConverter.SingleToUInt32Bits(value + 0f);
        var ascending = (bits & 0x80000000) == 0 ? bits | 0x80000000 : ~bits;
        return ((ulong)~ascending << 32) | (uint)id;
    }

    internal static float Value(ulong key)
    {
        var ascending = ~(uint)(key >> 32);
        return BitConverter.UInt32BitsToSingle((ascending & 0x80000000) != 0 ? ascending & 0x7FFFFFFF : ~ascending);
    }

    internal static int Id(ulong key) => (int)(uint)key;
}
