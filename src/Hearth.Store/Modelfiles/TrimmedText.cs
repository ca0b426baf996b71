using System.Runtime.InteropServices;
using System.Text;

namespace Hearth.Store.Modelfiles;

/// <summary>A text that grows, and knows where it begins and ends without the blanks around it.</summary>
internal sealed class TrimmedText
{
    private const int MaxShown = 60;
    private readonly List<char> _characters = [];
    private int _start;
    private int _end;

    public bool IsEmpty => _end == 0;

    /// <summary>The beginning of it, for people.</summary>
    public string FirstLine
    {
        get
        {
            ReadOnlySpan<char> text = Trimmed;
            int end = text.IndexOfAny('\r', '\n');
            text = end < 0 ? text : text[..end];
            return text.Length > MaxShown ? $"{text[..MaxShown]}..." : text.ToString();
        }
    }

    private ReadOnlySpan<char> Trimmed => CollectionsMarshal.AsSpan(_characters)[_start.._end];

    public void Clear()
    {
        _characters.Clear();
        (_start, _end) = (0, 0);
    }

    public void Append(Rune rune)
    {
        bool isBlank = rune.Value is ' ' or '\t' or '\r' or '\n';
        if (!isBlank && IsEmpty)
        {
            _start = _characters.Count;
        }

        Span<char> units = stackalloc char[2];
        _characters.AddRange(units[..rune.EncodeToUtf16(units)]);
        if (!isBlank)
        {
            _end = _characters.Count;
        }
    }

    /// <summary>The text without the quotes that it begins and ends with, one or three of them; null while they are not closed.</summary>
    public string? Unquote()
    {
        ReadOnlySpan<char> text = Trimmed;
        int quotes = text.StartsWith("\"\"\"") ? 3 : text.StartsWith('"') ? 1 : 0;
        return quotes == 0 ? text.ToString()
            : text.Length >= 2 * quotes && text[^quotes..].SequenceEqual(text[..quotes]) ? text[quotes..^quotes].ToString()
            : null;
    }

    public override string ToString() => Trimmed.ToString();
}
