using System.Text;
using Hearth.Engine.Templates.Formatting;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Builtins;

/// <summary>The filters of texts.</summary>
internal static class TextFilters
{
    private const int DefaultTruncateLength = 255;
    private const int DefaultLeeway = 5;
    private const int DefaultIndent = 4;
    private const int DefaultCenterWidth = 80;

    public static Dictionary<string, Func<RenderState, Value, Arguments, Value>> All { get; } = new()
    {
        ["capitalize"] = (state, value, _) => Mapped(state, value, Casing.Capitalize),
        ["center"] = Center,
        ["e"] = Escape,
        ["escape"] = Escape,
        ["forceescape"] = (state, value, _) => Markup.Escape(state, Representation.Str(state, value).AsMarkup(false)),
        ["format"] = Format,
        ["indent"] = Indent,
        ["join"] = Join,
        ["lower"] = (state, value, _) => Mapped(state, value, Casing.Lower),
        ["replace"] = Replace,
        ["safe"] = (state, value, _) => Representation.Str(state, value).AsMarkup(),
        ["string"] = (state, value, _) => Representation.Str(state, value),
        ["title"] = (state, value, _) => Mapped(state, value, Title),
        ["trim"] = Trim,
        ["truncate"] = Truncate,
        ["upper"] = (state, value, _) => Mapped(state, value, Casing.Upper),
        ["urlencode"] = UrlEncode,
        ["wordcount"] = WordCount,
        ["wordwrap"] = TextWrapper.WordWrap,
    };

    private static StringValue Mapped(RenderState state, Value value, Func<string, string> map)
    {
        StringValue text = Representation.Str(state, value);
        state.Budget.ChargeText(text.Text.Length);
        return text.WithText(map(text.Text)).AsMarkup(text.IsMarkup);
    }

    // Jinja's title splits words at '-', '(', '{', '[', '<' and white space, and not at other marks as str.title does.
    private static string Title(string text)
    {
        var result = new StringBuilder(text.Length);
        bool isStart = true;
        for (int i = 0; i < text.Length;)
        {
            int start = i;
            isStart = IsSeparator(text[i]);
            while (i < text.Length && IsSeparator(text[i]) == isStart)
            {
                i++;
            }

            string item = text[start..i];
            int width = CodePoints.Width(item, 0);
            result.Append(isStart ? item : Casing.Upper(item[..width]) + Casing.Lower(item[width..]));
        }

        return result.ToString();

        static bool IsSeparator(char c) => c is '-' or '(' or '{' or '[' or '<' || CharacterClass.IsSpace(c);
    }

    private static StringValue Escape(RenderState state, Value value, Arguments arguments) =>
        Markup.Escape(state, Representation.Str(state, value));

    private static StringValue Trim(RenderState state, Value value, Arguments arguments)
    {
        StringValue text = Representation.Str(state, value);
        return StringMethods.Strip(state, text, arguments.Bind("trim", 0, "chars")[0], left: true, right: true).AsMarkup(text.IsMarkup);
    }

    private static StringValue Center(RenderState state, Value value, Arguments arguments)
    {
        int width = arguments.Bind("center", 0, "width")[0] is { } given ? Numeric.ToIndex(given) : DefaultCenterWidth;
        return StringMethods.Justify(state, Representation.Str(state, value), width, StringValue.FromTemplate(" "), "center");
    }

    private static StringValue Format(RenderState state, Value value, Arguments arguments)
    {
        if (arguments.Positional.Count > 0 && arguments.Named.Count > 0)
        {
            throw TemplateException.Type("can't handle positional and keyword arguments at the same time");
        }

        StringValue format = Representation.Str(state, value);
        if (arguments.Named.Count == 0)
        {
            return PercentFormat.Format(state, format, new TupleValue([.. arguments.Positional]));
        }

        var dict = new DictValue(state);
        foreach ((string name, Value item) in arguments.Named)
        {
            dict.Set(state, StringValue.FromTemplate(name), item);
        }

        return PercentFormat.Format(state, format, dict);
    }

    private static StringValue Replace(RenderState state, Value value, Arguments arguments)
    {
        Value?[] bound = arguments.Bind("replace", 2, "old", "new", "count");
        int count = bound[2] is { } given and not NoneValue ? Numeric.ToIndex(given) : -1;
        StringValue old = Representation.Str(state, bound[0]!);
        StringValue replacement = Representation.Str(state, bound[1]!);
        return StringMethods.Replace(state, Representation.Str(state, value), old, replacement, count).AsMarkup(false);
    }

    private static StringValue Join(RenderState state, Value value, Arguments arguments)
    {
        Value?[] bound = arguments.Bind("join", 0, "d", "attribute");
        StringValue separator = bound[0] is { } given ? Representation.Str(state, given) : StringValue.Empty;
        Func<Value, Value> getter = Sorting.Getter(state, bound[1]);
        var builder = new TextBuilder(state.Budget);
        bool isFirst = true;
        using IEnumerator<Value> items = Access.Iterate(state, value);
        while (items.MoveNext())
        {
            state.Budget.Charge();
            builder.Append(isFirst ? StringValue.Empty : separator).Append(Representation.Str(state, getter(items.Current)));
            isFirst = false;
        }

        return builder.ToValue();
    }

    private static StringValue Indent(RenderState state, Value value, Arguments arguments)
    {
        Value?[] bound = arguments.Bind("indent", 0, "width", "first", "blank");
        StringValue text = value switch
        {
            StringValue given => given,
            UndefinedValue undefined => throw undefined.Error(state),
            _ => throw TemplateException.Type($"unsupported operand type(s) for +=: '{value.TypeName}' and 'str'"),
        };
        StringValue indent = bound[0] switch
        {
            StringValue given => given,
            null => StringValue.FromTemplate(new string(' ', DefaultIndent)),
            { } width => StringValue.FromTemplate(new string(' ', Math.Clamp(Numeric.ToIndex(width), 0, state.Budget.MaxLength))),
        };
        bool indentsFirst = bound[1] is { IsTrue: true };
        bool indentsBlank = bound[2] is { IsTrue: true };
        var builder = new TextBuilder(state.Budget);
        List<Value> lines = text.Text.Length == 0 ? [StringValue.Empty] : StringMethods.SplitLines(state, text);
        if (text.Text.Length > 0 && EndsWithLineBreak(text.Text))
        {
            lines.Add(StringValue.Empty);
        }

        for (int i = 0; i < lines.Count; i++)
        {
            var line = (StringValue)lines[i];
            bool isIndented = i == 0 ? indentsFirst : indentsBlank || line.Text.Length > 0;
            builder.Append(i == 0 ? string.Empty : "\n", isTrusted: true).Append(isIndented ? indent : StringValue.Empty).Append(line);
        }

        return builder.ToValue().AsMarkup(text.IsMarkup);
    }

    // Jinja adds a line feed before it splits, so that a last empty line is seen; after a lone carriage return it only completes it.
    private static bool EndsWithLineBreak(string text) => CharacterClass.IsLineBreak(text[^1]) && text[^1] != '\r';

    private static Value Truncate(RenderState state, Value value, Arguments arguments)
    {
        Value?[] bound = arguments.Bind("truncate", 0, "length", "killwords", "end", "leeway");
        int length = bound[0] is { } given ? Numeric.ToIndex(given) : DefaultTruncateLength;
        StringValue end = bound[2] is { } mark ? Representation.Str(state, mark) : StringValue.FromTemplate("...");
        int leeway = bound[3] is { } slack and not NoneValue ? Numeric.ToIndex(slack) : DefaultLeeway;
        if (length < end.CodePointCount || leeway < 0)
        {
            throw TemplateException.Value($"expected length >= {end.CodePointCount} and leeway >= 0, got {length} and {leeway}");
        }

        int count = value.Length ?? throw TemplateException.Type($"object of type '{value.TypeName}' has no len()");
        if (count <= (long)length + leeway)
        {
            return value;
        }

        StringValue text = value as StringValue ?? throw TemplateException.Type($"'{value.TypeName}' cannot be truncated");
        state.Budget.ChargeText(text.Text.Length);

        StringValue kept = text.Substring(0, text.Offset(length - end.CodePointCount));
        int space = kept.Text.LastIndexOf(' ');
        kept = bound[1] is { IsTrue: true } || space < 0 ? kept : kept.Substring(0, space);
        return new TextBuilder(state.Budget).Append(kept).Append(end).ToValue();
    }

    private static IntValue WordCount(RenderState state, Value value, Arguments arguments)
    {
        string text = Representation.Str(state, value).Text;
        state.Budget.ChargeText(text.Length);
        int count = 0;
        bool inWord = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isWord = CharacterClass.IsWord(rune);
            count += isWord && !inWord ? 1 : 0;
            inWord = isWord;
        }

        return IntValue.Of(count);
    }

    private static StringValue UrlEncode(RenderState state, Value value, Arguments arguments)
    {
        if (value is StringValue || value.Iterate(state) is null)
        {
            return Quote(state, value, forQuery: false);
        }

        Value pairs = value is DictValue dict ? new ListValue([.. dict.Entries.Select(DictMethods.Pair)]) : value;
        var builder = new TextBuilder(state.Budget);
        foreach (Value item in Access.ToList(state, pairs))
        {
            List<Value> pair = Access.Unpack(state, item, 2);
            builder.Append(builder.Length == 0 ? string.Empty : "&", isTrusted: true)
                .Append(Quote(state, pair[0], forQuery: true))
                .Append("=", isTrusted: true)
                .Append(Quote(state, pair[1], forQuery: true));
        }

        return builder.ToValue();
    }

    private static StringValue Quote(RenderState state, Value value, bool forQuery)
    {
        StringValue text = Representation.Str(state, value);
        state.Budget.ChargeText(text.Text.Length * 3L);
        var quoted = new StringBuilder(text.Text.Length);
        foreach (byte b in Encoding.UTF8.GetBytes(text.Text))
        {
            var c = (char)b;
            _ = c == ' ' && forQuery ? quoted.Append('+')
                : char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '~' || (c == '/' && !forQuery) ? quoted.Append(c)
                : quoted.Append(System.Globalization.CultureInfo.InvariantCulture, $"%{b:X2}");
        }

        state.Budget.CheckLength(quoted.Length);
        return StringValue.From(quoted.ToString(), text.IsTrusted);
    }
}
