namespace Hearth.Engine.Sampling;

/// <summary>
/// The memory behind <see cref="Candidates"/>, kept between steps. It grows to what the stages in use need: with top-k on and no
/// penalties, that is k entries and not the vocabulary.
/// </summary>
internal sealed class CandidateBuffer
{
    private Candidate[] _items = [];
    private Candidate[] _otherItems = [];
    private ulong[] _keys = [];
    private float[] _logits = [];

    internal Candidate[] Items(int count) => Grow(ref _items, count);

    /// <summary>The other of two arrays: what was in <see cref="Items"/> stays as it is until this is called again.</summary>
    internal Candidate[] OtherItems(int count)
    {
        (_items, _otherItems) = (_otherItems, _items);
        return Grow(ref _items, count);
    }

    internal Span<ulong> Keys(int count) => Grow(ref _keys, count).AsSpan(0, count);

    internal Span<float> Logits(int count) => Grow(ref _logits, count).AsSpan(0, count);

    private static T[] Grow<T>(ref T[] array, int count)
    {
        if (array.Length < count)
        {
            // More than asked for, so that lists of changing lengths do not allocate for long. What was there is not needed.
            array = new T[Math.Max(count, array.Length + (array.Length / 2))];
        }

        return array;
    }
}
