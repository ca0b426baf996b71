namespace Hearth.Engine.Output;

/// <summary>A queue of characters: appended at its end, taken from its front, each moved a constant number of times on average.</summary>
internal sealed class HeldText
{
    private char[] _text = [];
    private int _start;

    internal int Length { get; private set; }

    internal void Append(ReadOnlySpan<char> text)
    {
        if (_start + Length + text.Length > _text.Length)
        {
            var target = 2L * (Length + text.Length) > _text.Length ? new char[2 * (Length + text.Length)] : _text;
            _text.AsSpan(_start, Length).CopyTo(target);
            _text = target;
            _start = 0;
        }

        text.CopyTo(_text.AsSpan(_start + Length));
        Length += text.Length;
    }

    internal string Take(int count)
    {
        var taken = count == 0 ? "" : new string(_text, _start, count);
        _start += count;
        Length -= count;
        return taken;
    }

    internal void Clear() => (_start, Length) = (0, 0);
}
