using System.Text;
using Hearth.Engine.Templates.Formatting;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Builtins;

internal static partial class StringMethods
{
    private static ListValue SplitLinesMethod(RenderState state, StringValue self, Arguments arguments) =>
        new(SplitLines(state, self, arguments.Bind("splitlines", 0, "keepends")[0] is { IsTrue: true }));

    private static StringValue ReplaceMethod(RenderState state, StringValue self, Arguments arguments)
    {
        Value?[] bound = arguments.Bind("replace", 2, "old", "new", "count");
        StringValue old = RequireText(state, bound[0]!, $"replace() argument 1 must be str, not {bound[0]!.TypeName}");
        StringValue replacement = RequireText(state, bound[1]!, $"replace() argument 2 must be str, not {bound[1]!.TypeName}");
        return Replace(state, self, old, replacement, bound[2] is { } count ? Numeric.ToIndex(count) : -1);
    }

    private static StringValue FormatMap(RenderState state, StringValue self, Arguments arguments)
    {
        Value mapping = arguments.Bind("format_map", 1, "mapping")[0]!;
        if (mapping is not DictValue dict)
        {
            throw TemplateException.Type("format_map() needs a mapping");
        }

        KeyValuePair<string, Value>[] named =
            [.. dict.Entries.Select(pair => KeyValuePair.Create((pair.Key as StringValue)?.Text ?? string.Empty, pair.Value))];
        return new BraceFormat(state, self, new Arguments([], named)).Run();
    }

    private static StringValue Join(RenderState state, StringValue self, Arguments arguments)
    {
        var builder = new TextBuilder(state.Budget);
        int index = 0;
        using IEnumerator<Value> items = arguments.Bind("join", 1, "iterable")[0]!.Iterate(state)
            ?? throw TemplateException.Type("can only join an iterable");
        for (; items.MoveNext(); index++)
        {
            state.Budget.Charge();
            StringValue item = items.Current is StringValue text
                ? text
                : throw TemplateException.Type($"sequence item {index}: expected str instance, {items.Current.TypeName} found");
            builder.Append(index == 0 ? StringValue.Empty : self).Append(self.IsMarkup ? Markup.Escape(state, item) : item);
        }

        return builder.ToValue();
    }

    private static StringValue Justified(RenderState state, StringValue self, Arguments arguments, string method)
    {
        Value?[] bound = arguments.Bind(method, 1, "width", "fillchar");
        StringValue fill = bound[1] is null
            ? StringValue.FromTemplate(" ")
            : bound[1] is StringValue { CodePointCount: 1 } given
                ? given
                : throw TemplateException.Type("The fill character must be exactly one character long");
        return Justify(state, self, Numeric.ToIndex(bound[0]!), fill, method);
    }

    private static StringValue ZeroFill(RenderState state, StringValue self, Arguments arguments)
    {
        int missing = Numeric.ToIndex(arguments.Bind("zfill", 1, "width")[0]!) - self.CodePointCount;
        if (missing <= 0)
        {
            return self;
        }

        state.Budget.CheckLength(missing);
        int sign = self.Text.StartsWith('-') || self.Text.StartsWith('+') ? 1 : 0;
        return new TextBuilder(state.Budget)
            .Append(self.Substring(0, sign))
            .Append(new string('0', missing), isTrusted: true)
            .Append(self.Substring(sign, self.Text.Length - sign))
            .ToValue();
    }

    private static StringValue ExpandTabs(RenderState state, StringValue self, Arguments arguments)
    {
        const int DefaultSize = 8;
        int size = arguments.Bind("expandtabs", 0, "tabsize")[0] is { } given ? Numeric.ToIndex(given) : DefaultSize;
        state.Budget.CheckLength(size);
        var builder = new TextBuilder(state.Budget);
        int column = 0;
        for (int i = 0; i < self.Text.Length;)
        {
            int width = CodePoints.Width(self.Text, i);
            char c = self.Text[i];
            if (c == '\t')
            {
                int spaces = size > 0 ? size - column % size : 0;
                builder.Append(new string(' ', spaces), isTrusted: true);
                column += spaces;
            }
            else
            {
                builder.Append(self.Substring(i, width));
                column = c is '\n' or '\r' ? 0 : column + 1;
            }

            i += width;
        }

        return builder.ToValue();
    }

    /// <summary>The part of the text that optional start and end arguments (code points) select, in UTF-16 units.</summary>
    private static (int Start, int End) Window(RenderState state, StringValue self, Value? start, Value? end)
    {
        state.Budget.ChargeText(self.ScanLength);
        int count = self.CodePointCount;
        int from = Clamp(start, 0);
        int to = Clamp(end, count);
        return from > count ? (-1, -1) : (self.Offset(Math.Min(from, count)), self.Offset(Math.Min(to, count)));

        int Clamp(Value? value, int absent)
        {
            if (value is null or NoneValue)
            {
                return absent;
            }

            int index = Numeric.ToIndex(value);
            return index < 0 ? Math.Max(0, index + count) : index;
        }
    }

    private static int Find(RenderState state, StringValue self, Arguments arguments, string name, bool fromEnd)
    {
        Value?[] bound = arguments.Bind(name, 1, "sub", "start", "end");
        string sub = RequireText(state, bound[0]!, $"must be str, not {bound[0]!.TypeName}").Text;
        (int start, int end) = Window(state, self, bound[1], bound[2]);
        if (start < 0 || end - start < sub.Length)
        {
            return -1;
        }

        int found = fromEnd
            ? TextSearch.LastIndexOf(state, self.Text, sub, end)
            : TextSearch.IndexOf(state, self.Text, sub, start);
        return found < start || found + sub.Length > end ? -1 : self.CodePointIndex(found);
    }

    private static IntValue Index(RenderState state, StringValue self, Arguments arguments, string name, bool fromEnd)
    {
        int found = Find(state, self, arguments, name, fromEnd);
        return found >= 0 ? IntValue.Of(found) : throw TemplateException.Value("substring not found");
    }

    private static IntValue Count(RenderState state, StringValue self, Arguments arguments)
    {
        Value?[] bound = arguments.Bind("count", 1, "sub", "start", "end");
        string sub = RequireText(state, bound[0]!, $"must be str, not {bound[0]!.TypeName}").Text;
        (int start, int end) = Window(state, self, bound[1], bound[2]);
        if (start < 0 || end < start)
        {
            return IntValue.Of(0);
        }

        if (sub.Length == 0)
        {
            return IntValue.Of(CodePoints.Count(self.Text.AsSpan(start, end - start)) + 1);
        }

        int count = 0;
        int found = TextSearch.IndexOf(state, self.Text, sub, start);
        while (found >= 0 && found + sub.Length <= end)
        {
            count++;
            found = TextSearch.IndexOf(state, self.Text, sub, found + sub.Length);
        }

        return IntValue.Of(count);
    }

    private static BoolValue Matches(RenderState state, StringValue self, Arguments arguments, string name)
    {
        Value?[] bound = arguments.Bind(name, 1, "prefix", "start", "end");
        IReadOnlyList<Value> candidates = bound[0] is TupleValue tuple ? tuple.Items : [bound[0]!];
        (int start, int end) = Window(state, self, bound[1], bound[2]);
        bool matches = false;
        foreach (Value candidate in candidates)
        {
            string affix = RequireText(state, candidate, $"{name} first arg must be str or a tuple of str, not {candidate.TypeName}").Text;
            state.Budget.ChargeText(affix.Length);
            if (start >= 0 && end >= start)
            {
                ReadOnlySpan<char> window = self.Text.AsSpan(start, end - start);
                matches |= name == "startswith" ? window.StartsWith(affix) : window.EndsWith(affix);
            }
        }

        return BoolValue.Of(matches);
    }

    private static StringValue RemoveAffix(RenderState state, StringValue self, Arguments arguments, string name)
    {
        Value given = arguments.Bind(name, 1, "affix")[0]!;
        string affix = RequireText(state, given, $"{name}() argument must be str, not {given.TypeName}").Text;
        int rest = self.Text.Length - affix.Length;
        return name == "removeprefix"
            ? self.Text.StartsWith(affix, StringComparison.Ordinal) ? self.Substring(affix.Length, rest) : self
            : self.Text.EndsWith(affix, StringComparison.Ordinal) ? self.Substring(0, rest) : self;
    }

    private static TupleValue Partition(RenderState state, StringValue self, Arguments arguments, string name, bool fromEnd)
    {
        Value given = arguments.Bind(name, 1, "sep")[0]!;
        StringValue separator = RequireText(state, given, $"must be str, not {given.TypeName}");
        if (separator.Text.Length == 0)
        {
            throw TemplateException.Value("empty separator");
        }

        int found = fromEnd
            ? TextSearch.LastIndexOf(state, self.Text, separator.Text, self.Text.Length)
            : TextSearch.IndexOf(state, self.Text, separator.Text, 0);
        if (found < 0)
        {
            return new TupleValue(fromEnd ? [StringValue.Empty, StringValue.Empty, self] : [self, StringValue.Empty, StringValue.Empty]);
        }

        int after = found + separator.Text.Length;
        return new TupleValue([self.Substring(0, found), separator, self.Substring(after, self.Text.Length - after)]);
    }

    private static string SwapCase(string text)
    {
        var swapped = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            string letter = rune.ToString();
            swapped.Append(Rune.IsUpper(rune) ? Casing.Lower(letter) : Rune.IsLower(rune) ? Casing.Upper(letter) : letter);
        }

        return swapped.ToString();
    }

    private static bool AllRunes(StringValue self, Func<Rune, bool> isMember) =>
        self.Text.Length > 0 && self.Text.EnumerateRunes().All(isMember);

    private static bool IsSuperscript(Rune rune) => CharacterClass.IsNumeric(rune) && Rune.GetUnicodeCategory(rune)
        == System.Globalization.UnicodeCategory.OtherNumber && Rune.GetNumericValue(rune) is >= 0 and <= 9;

    private static bool IsIdentifier(StringValue self) => self.Text.Length > 0
        && CharacterClass.IsIdentifierStart(Rune.GetRuneAt(self.Text, 0))
        && self.Text.EnumerateRunes().All(CharacterClass.IsIdentifierPart);
}
