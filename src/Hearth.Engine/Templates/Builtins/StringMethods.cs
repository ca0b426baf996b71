using System.Collections.Frozen;
using System.Text;
using Hearth.Engine.Templates.Formatting;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Builtins;

/// <summary>The methods of Python's <c>str</c>. Parts that are cut out keep their origin.</summary>
internal static partial class StringMethods
{
    private delegate Value Method(RenderState state, StringValue self, Arguments arguments);

    private static readonly FrozenDictionary<string, Method> s_methods = new Dictionary<string, Method>
    {
        ["capitalize"] = (s, t, a) => Mapped(s, t, a, "capitalize", Casing.Capitalize),
        ["casefold"] = (s, t, a) => Mapped(s, t, a, "casefold", text => Casing.Lower(text).Replace("ß", "ss", StringComparison.Ordinal)),
        ["center"] = (s, t, a) => Justified(s, t, a, "center"),
        ["count"] = Count,
        ["encode"] = (_, _, _) => throw TemplateException.Type("bytes are not supported: 'encode' cannot be used"),
        ["endswith"] = (s, t, a) => Matches(s, t, a, "endswith"),
        ["expandtabs"] = ExpandTabs,
        ["find"] = (s, t, a) => IntValue.Of(Find(s, t, a, "find", fromEnd: false)),
        ["format"] = (s, t, a) => new BraceFormat(s, t, a).Run(),
        ["format_map"] = FormatMap,
        ["index"] = (s, t, a) => Index(s, t, a, "index", fromEnd: false),
        ["isalnum"] = (s, t, a) => Is(s, t, a, "isalnum", t => AllRunes(t, r => Rune.IsLetter(r) || CharacterClass.IsNumeric(r))),
        ["isalpha"] = (s, t, a) => Is(s, t, a, "isalpha", t => AllRunes(t, Rune.IsLetter)),
        ["isascii"] = (s, t, a) => Is(s, t, a, "isascii", t => Ascii.IsValid(t.Text)),
        ["isdecimal"] = (s, t, a) => Is(s, t, a, "isdecimal", t => AllRunes(t, Rune.IsDigit)),
        ["isdigit"] = (s, t, a) => Is(s, t, a, "isdigit", t => AllRunes(t, r => Rune.IsDigit(r) || IsSuperscript(r))),
        ["isidentifier"] = (s, t, a) => Is(s, t, a, "isidentifier", t => IsIdentifier(t)),
        ["islower"] = (s, t, a) => Is(s, t, a, "islower", t => IsCase(t.Text, lower: true)),
        ["isnumeric"] = (s, t, a) => Is(s, t, a, "isnumeric", t => AllRunes(t, CharacterClass.IsNumeric)),
        ["isprintable"] = (s, t, a) => Is(s, t, a, "isprintable", t => t.Text.Length == 0 || AllRunes(t, CharacterClass.IsPrintable)),
        ["isspace"] = (s, t, a) => Is(s, t, a, "isspace", t => t.Text.Length > 0 && t.Text.All(CharacterClass.IsSpace)),
        ["istitle"] = (s, t, a) => Is(s, t, a, "istitle", t => IsTitle(t.Text)),
        ["isupper"] = (s, t, a) => Is(s, t, a, "isupper", t => IsCase(t.Text, lower: false)),
        ["join"] = Join,
        ["ljust"] = (s, t, a) => Justified(s, t, a, "ljust"),
        ["lower"] = (s, t, a) => Mapped(s, t, a, "lower", Casing.Lower),
        ["lstrip"] = (s, t, a) => Strip(s, t, a.Bind("lstrip", 0, "chars")[0], left: true, right: false),
        ["partition"] = (s, t, a) => Partition(s, t, a, "partition", fromEnd: false),
        ["removeprefix"] = (s, t, a) => RemoveAffix(s, t, a, "removeprefix"),
        ["removesuffix"] = (s, t, a) => RemoveAffix(s, t, a, "removesuffix"),
        ["replace"] = ReplaceMethod,
        ["rfind"] = (s, t, a) => IntValue.Of(Find(s, t, a, "rfind", fromEnd: true)),
        ["rindex"] = (s, t, a) => Index(s, t, a, "rindex", fromEnd: true),
        ["rjust"] = (s, t, a) => Justified(s, t, a, "rjust"),
        ["rpartition"] = (s, t, a) => Partition(s, t, a, "rpartition", fromEnd: true),
        ["rsplit"] = (s, t, a) => Split(s, t, a, "rsplit", fromEnd: true),
        ["rstrip"] = (s, t, a) => Strip(s, t, a.Bind("rstrip", 0, "chars")[0], left: false, right: true),
        ["split"] = (s, t, a) => Split(s, t, a, "split", fromEnd: false),
        ["splitlines"] = (s, t, a) => SplitLinesMethod(s, t, a),
        ["startswith"] = (s, t, a) => Matches(s, t, a, "startswith"),
        ["strip"] = (s, t, a) => Strip(s, t, a.Bind("strip", 0, "chars")[0], left: true, right: true),
        ["swapcase"] = (s, t, a) => Mapped(s, t, a, "swapcase", SwapCase),
        ["title"] = (s, t, a) => Mapped(s, t, a, "title", Casing.TitleWords),
        ["upper"] = (s, t, a) => Mapped(s, t, a, "upper", Casing.Upper),
        ["zfill"] = ZeroFill,
    }.ToFrozenDictionary();

    /// <summary>The bound method; null when there is none of that name.</summary>
    public static Value? Find(StringValue self, string name) => s_methods.TryGetValue(name, out Method? method)
        ? new FunctionValue(name, (state, arguments) => KeepMarkup(self, method(state, self, arguments)))
        : null;

    /// <summary>Python's <c>strip</c> and its halves; null or None strips white space.</summary>
    public static StringValue Strip(RenderState state, StringValue self, Value? characters, bool left, bool right)
    {
        string text = self.Text;
        string? set = characters is null or NoneValue ? null : RequireText(state, characters, "strip arg must be None or str").Text;
        HashSet<int>? members = set is null ? null : [.. set.EnumerateRunes().Select(r => r.Value)];
        int start = 0;
        int end = text.Length;
        while (left && start < end && IsStripped(start, out int width))
        {
            start += width;
        }

        while (right && end > start)
        {
            int last = end >= 2 && char.IsLowSurrogate(text[end - 1]) && char.IsHighSurrogate(text[end - 2]) ? end - 2 : end - 1;
            if (last < start || !IsStripped(last, out _))
            {
                break;
            }

            end = last;
        }

        state.Budget.ChargeText(text.Length);
        return self.Substring(start, end - start);

        bool IsStripped(int offset, out int width)
        {
            width = CodePoints.Width(text, offset);
            return members is null
                ? CharacterClass.IsSpace(text[offset])
                : members.Contains(width == 2 ? char.ConvertToUtf32(text[offset], text[offset + 1]) : text[offset]);
        }
    }

    /// <summary>Python's <c>splitlines</c>.</summary>
    public static List<Value> SplitLines(RenderState state, StringValue self, bool keepEnds = false)
    {
        string text = self.Text;
        var lines = new List<Value>();
        for (int start = 0; start < text.Length;)
        {
            int end = start;
            while (end < text.Length && !CharacterClass.IsLineBreak(text[end]))
            {
                end++;
            }

            int next = end == text.Length ? end : text.AsSpan(end).StartsWith("\r\n") ? end + 2 : end + 1;
            lines.Add(self.Substring(start, (keepEnds ? next : end) - start));
            state.Budget.ChargeText(next - start);
            state.Budget.Charge(StringValue.StepsPerPart);
            start = next;
        }

        return lines;
    }

    /// <summary>Python's <c>replace</c>; all occurrences when <paramref name="count"/> is negative.</summary>
    public static StringValue Replace(RenderState state, StringValue self, StringValue old, StringValue replacement, int count)
    {
        string text = self.Text;
        var builder = new TextBuilder(state.Budget);
        int start = 0;
        for (; count != 0; count--)
        {
            int found = TextSearch.IndexOf(state, text, old.Text, start);
            if (found < 0)
            {
                break;
            }

            if (old.Text.Length == 0)
            {
                // The empty text is found before each code point and at the end.
                builder.Append(replacement);
                int width = start < text.Length ? CodePoints.Width(text, start) : 0;
                builder.Append(self.Substring(start, width));
                start += width;
                if (width == 0)
                {
                    break;
                }

                continue;
            }

            builder.Append(self.Substring(start, found - start)).Append(replacement);
            start = found + old.Text.Length;
        }

        return start == 0 && builder.Length == 0 ? self : builder.Append(self.Substring(start, text.Length - start)).ToValue();
    }

    /// <summary>Whether the text has letters and all are of the case.</summary>
    public static bool IsCase(RenderState state, StringValue text, bool lower)
    {
        state.Budget.ChargeText(text.Text.Length);
        return IsCase(text.Text, lower);
    }

    private static bool IsCase(string text, bool lower)
    {
        bool found = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (CharacterClass.IsCased(rune))
            {
                found = true;
                if (lower ? !Rune.IsLower(rune) : !Rune.IsUpper(rune))
                {
                    return false;
                }
            }
        }

        return found;
    }

    /// <summary>The text in the middle of (or at a side of) a field of <paramref name="width"/> code points.</summary>
    public static StringValue Justify(RenderState state, StringValue self, int width, StringValue fill, string method)
    {
        int missing = width - self.CodePointCount;
        if (missing <= 0)
        {
            return self;
        }

        state.Budget.CheckLength(missing);
        int before = method switch
        {
            "ljust" => 0,
            "rjust" => missing,
            _ => missing / 2 + (missing & width & 1),
        };
        return new TextBuilder(state.Budget)
            .Append(string.Concat(Enumerable.Repeat(fill.Text, before)), fill.IsTrusted)
            .Append(self)
            .Append(string.Concat(Enumerable.Repeat(fill.Text, missing - before)), fill.IsTrusted)
            .ToValue();
    }

    private static Value KeepMarkup(StringValue self, Value result)
    {
        if (!self.IsMarkup)
        {
            return result;
        }

        return result switch
        {
            StringValue text => text.AsMarkup(),
            ListValue list => new ListValue([.. list.List.Select(item => item is StringValue text ? text.AsMarkup() : item)]),
            TupleValue tuple => new TupleValue([.. tuple.Items.Select(item => item is StringValue text ? text.AsMarkup() : item)]),
            _ => result,
        };
    }

    private static StringValue RequireText(RenderState state, Value value, string message) => value switch
    {
        StringValue text => text,
        UndefinedValue undefined => throw undefined.Error(state),
        _ => throw TemplateException.Type(message),
    };

    private static bool IsTitle(string text) => text == Casing.TitleWords(text) && text.EnumerateRunes().Any(CharacterClass.IsCased);

    private static BoolValue Is(RenderState state, StringValue self, Arguments arguments, string name, Func<StringValue, bool> isMember)
    {
        arguments.ExpectNone(name);
        state.Budget.ChargeText(self.Text.Length);
        return BoolValue.Of(isMember(self));
    }

    private static StringValue Mapped(RenderState state, StringValue self, Arguments arguments, string name, Func<string, string> map)
    {
        arguments.ExpectNone(name);
        state.Budget.ChargeText(self.Text.Length);
        return self.WithText(map(self.Text));
    }
}
