using Hearth.Engine.Templates.Builtins;
using Hearth.Engine.Templates.Runtime;

namespace Hearth.Engine.Templates.Values;

/// <summary>A run of a text that ends before <paramref name="End"/> (UTF-16) and has one origin.</summary>
internal readonly record struct TrustRun(int End, bool IsTrusted);

/// <summary>
/// Python's <c>str</c>, which knows which parts of it the template's author wrote. Indices of the language are code points.
/// </summary>
internal sealed class StringValue : Value
{
    /// <summary>What a part that is cut out costs: small strings are mostly overhead.</summary>
    public const int StepsPerPart = 8;

    public static readonly StringValue Empty = new(string.Empty, isTrusted: true);

    private readonly bool _isTrusted;
    private int? _codePointCount;

    /// <summary>A text of one origin.</summary>
    private StringValue(string text, bool isTrusted)
    {
        Text = text;
        _isTrusted = isTrusted;
    }

    /// <summary>A text of several origins: at least two runs, which cover it.</summary>
    public StringValue(string text, TrustRun[] runs)
    {
        Text = text;
        Runs = runs;
    }

    public string Text { get; }

    /// <summary>The runs of a text of several origins; null when it has one.</summary>
    public TrustRun[]? Runs { get; }

    /// <summary>Whether all of it came from the template.</summary>
    public bool IsTrusted => Runs is null && (_isTrusted || Text.Length == 0);

    /// <summary>Whether it is marked as safe HTML (<c>safe</c>, <c>escape</c>).</summary>
    public bool IsMarkup { get; private init; }

    public override string TypeName => IsMarkup ? "Markup" : "str";

    public override string Description => IsMarkup ? "markupsafe.Markup object" : "str object";

    public override bool IsTrue => Text.Length > 0;

    /// <summary>The number of code points.</summary>
    public override int? Length => CodePointCount;

    public int CodePointCount => _codePointCount ??= CodePoints.Count(Text);

    /// <summary>The characters that are read to find a code point: none when all have one unit.</summary>
    public int ScanLength => HasPairs ? Text.Length : 0;

    private bool HasPairs => CodePointCount != Text.Length;

    public static StringValue FromTemplate(string text) => text.Length == 0 ? Empty : new StringValue(text, isTrusted: true);

    public static StringValue FromInput(string text) => text.Length == 0 ? Empty : new StringValue(text, isTrusted: false);

    public static StringValue From(string text, bool isTrusted) => isTrusted ? FromTemplate(text) : FromInput(text);

    public StringValue AsMarkup(bool isMarkup = true)
    {
        if (isMarkup == IsMarkup)
        {
            return this;
        }

        return Runs is { } runs
            ? new StringValue(Text, runs) { IsMarkup = isMarkup }
            : new StringValue(Text, _isTrusted) { IsMarkup = isMarkup };
    }

    /// <summary>A changed text in the place of this one: it keeps the origins when its length is the same.</summary>
    public StringValue WithText(string text)
    {
        if (ReferenceEquals(text, Text))
        {
            return this;
        }

        return Runs is { } runs && text.Length == Text.Length ? new StringValue(text, runs) : From(text, IsTrusted);
    }

    /// <summary>A part of the text, in UTF-16 units.</summary>
    public StringValue Substring(int start, int length)
    {
        if (length == Text.Length)
        {
            return this;
        }

        string text = Text.Substring(start, length);
        if (Runs is not { } runs)
        {
            return From(text, _isTrusted);
        }

        int index = Array.BinarySearch(runs, new TrustRun(start, false), Comparer<TrustRun>.Create((x, y) => x.End.CompareTo(y.End)));
        index = index < 0 ? ~index : index + 1;
        var kept = new List<TrustRun>();
        for (int runStart = start; runStart < start + length; runStart = runs[index++].End)
        {
            kept.Add(new TrustRun(Math.Min(runs[index].End - start, length), runs[index].IsTrusted));
        }

        return kept.Count switch
        {
            0 => Empty,
            1 => From(text, kept[0].IsTrusted),
            _ => new StringValue(text, [.. kept]),
        };
    }

    /// <summary>The UTF-16 position of a code point (0 to the count).</summary>
    public int Offset(int codePoint) => HasPairs ? CodePoints.Offset(Text, codePoint) : codePoint;

    /// <summary>The number of code points before a UTF-16 position.</summary>
    public int CodePointIndex(int offset) => HasPairs ? CodePoints.Count(Text.AsSpan(0, offset)) : offset;

    public override IEnumerator<Value> Iterate(RenderState state)
    {
        for (int i = 0; i < Text.Length;)
        {
            state.Budget.Charge(StepsPerPart);
            int width = CodePoints.Width(Text, i);
            yield return Substring(i, width);
            i += width;
        }
    }

    public override Value? Attribute(RenderState state, string name) =>
        name.StartsWith('_') ? (IsDunder(name) ? Unsafe(name) : null) : StringMethods.Find(this, name);

    public override Value? Item(RenderState state, Value key)
    {
        if (!Numeric.TryGetIndex(key, out int index))
        {
            return null;
        }

        state.Budget.ChargeText(ScanLength);
        int count = CodePointCount;
        index = index < 0 ? index + count : index;
        if (index < 0 || index >= count)
        {
            return null;
        }

        int offset = Offset(index);
        return Substring(offset, CodePoints.Width(Text, offset)).AsMarkup(IsMarkup);
    }

    internal static bool IsDunder(string name) =>
        name.Length > 4 && name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal);
}
