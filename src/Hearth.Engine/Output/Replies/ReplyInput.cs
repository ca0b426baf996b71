namespace Hearth.Engine.Output.Replies;

/// <summary>What the model has written, by absolute offsets; what is no longer needed is forgotten.</summary>
internal sealed class ReplyInput
{
    private char[] _text = new char[256];
    private int _base;
    private int _length;

    /// <summary>The offset after the last character so far.</summary>
    internal int Length => _base + _length;

    /// <summary>Whether there will be no more.</summary>
    internal bool IsAtEnd { get; private set; }

    internal char this[int offset] => _text[offset - _base];

    internal void Append(string text)
    {
        if (_length + text.Length > _text.Length)
        {
            Array.Resize(ref _text, Math.Max(2 * _text.Length, _length + text.Length));
        }

        text.CopyTo(_text.AsSpan(_length));
        _length += text.Length;
    }

    internal void End() => IsAtEnd = true;

    internal ReadOnlySpan<char> Slice(int from, int to) => _text.AsSpan(from - _base, to - from);

    /// <summary>Forgets what is before an offset, when that is worth the move.</summary>
    internal void Forget(int before)
    {
        int count = before - _base;
        if (count > _length / 2)
        {
            _text.AsSpan(count, _length - count).CopyTo(_text);
            _base += count;
            _length -= count;
        }
    }
}
