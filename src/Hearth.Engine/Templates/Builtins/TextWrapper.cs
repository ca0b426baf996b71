using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Builtins;

/// <summary>The <c>wordwrap</c> filter: Python's <c>textwrap.wrap</c> for each line.</summary>
internal static class TextWrapper
{
    private const int DefaultWidth = 79;

    public static Value WordWrap(RenderState state, Value value, Arguments arguments)
    {
        Value?[] bound = arguments.Bind("wordwrap", 0, "width", "break_long_words", "wrapstring", "break_on_hyphens");
        int width = bound[0] is { } given ? Numeric.ToIndex(given) : DefaultWidth;
        bool breaksWords = bound[1] is not { IsTrue: false };
        string separator = bound[2] is { } wrap and not NoneValue ? Representation.Str(state, wrap).Text : "\n";
        bool breaksHyphens = bound[3] is not { IsTrue: false };
        if (width <= 0)
        {
            throw TemplateException.Value($"invalid width {width} (must be > 0)");
        }

        StringValue text = value as StringValue ?? throw (value is UndefinedValue undefined
            ? undefined.Error(state)
            : TemplateException.Type($"'{value.TypeName}' object has no attribute 'splitlines'"));
        state.Budget.ChargeText(text.Text.Length);
        var output = new List<string>();
        foreach (Value line in StringMethods.SplitLines(state, text))
        {
            output.Add(string.Join(separator, Wrap(state, ((StringValue)line).Text, width, breaksWords, breaksHyphens)));
        }

        return StringValue.From(string.Join(separator, output), text.IsTrusted);
    }

    private static List<string> Wrap(RenderState state, string line, int width, bool breaksWords, bool breaksHyphens)
    {
        var chunks = new LinkedList<string>(Split(line, breaksHyphens));
        var lines = new List<string>();
        while (chunks.First is { } first)
        {
            if (lines.Count > 0 && IsBlank(first.Value))
            {
                chunks.RemoveFirst();
            }

            var current = new List<string>();
            int length = 0;
            while (chunks.First is { } next && length + Length(next.Value) <= width)
            {
                state.Budget.Charge();
                current.Add(next.Value);
                length += Length(next.Value);
                chunks.RemoveFirst();
            }

            if (chunks.First is { } tooLong && Length(tooLong.Value) > width)
            {
                state.Budget.ChargeText(tooLong.Value.Length);
                if (breaksWords)
                {
                    int cut = HyphenCut(tooLong.Value, width - length, breaksHyphens);
                    current.Add(tooLong.Value[..cut]);
                    tooLong.Value = tooLong.Value[cut..];
                }
                else if (current.Count == 0)
                {
                    current.Add(tooLong.Value);
                    chunks.RemoveFirst();
                }
            }

            if (current.Count > 0 && IsBlank(current[^1]))
            {
                current.RemoveAt(current.Count - 1);
            }

            if (current.Count > 0)
            {
                lines.Add(string.Concat(current));
            }
        }

        return lines;
    }

    private static int HyphenCut(string chunk, int space, bool breaksHyphens)
    {
        int end = CodePoints.Offset(chunk, space);
        int hyphen = breaksHyphens && space > 0 ? chunk.LastIndexOf('-', end - 1) : -1;
        return hyphen > 0 && chunk.AsSpan(0, hyphen).ContainsAnyExcept('-') ? hyphen + 1 : end;
    }

    /// <summary>White space and words in turn; words are cut after a hyphen between letters, and around dashes.</summary>
    private static IEnumerable<string> Split(string line, bool breaksHyphens)
    {
        for (int start = 0; start < line.Length;)
        {
            int end = start + 1;
            bool isSpace = IsSpace(line[start]);
            while (end < line.Length && IsSpace(line[end]) == isSpace && (isSpace || !breaksHyphens || !IsBreak(line, start, end)))
            {
                end++;
            }

            yield return line[start..end];
            start = end;
        }
    }

    private static bool IsBreak(string line, int start, int end)
    {
        char last = line[end - 1];
        if (last == '-' && end - start >= 2 && line[end - 2] == '-' && line[end] != '-' && IsWord(line[end]))
        {
            return IsRunOfHyphens(line, start, end);
        }

        if (last == '-' && line[end] != '-')
        {
            bool afterLetters = end - start >= 3 && IsLetter(line[end - 2]) && IsLetter(line[end - 3]);
            bool afterPair = end - start >= 4 && IsLetter(line[end - 2]) && line[end - 3] == '-' && IsLetter(line[end - 4]);
            bool beforeLetters = end + 1 < line.Length && IsLetter(line[end])
                && (IsLetter(line[end + 1]) || (line[end + 1] == '-' && end + 2 < line.Length && IsLetter(line[end + 2])));
            return (afterLetters || afterPair) && beforeLetters;
        }

        bool isBeforeDash = line[end] == '-' && end + 1 < line.Length && line[end + 1] == '-';
        if (!isBeforeDash || !(IsWord(last) || "!\"'&.,?".Contains(last, StringComparison.Ordinal)))
        {
            return false;
        }

        int after = end;
        while (after < line.Length && line[after] == '-')
        {
            after++;
        }

        return after < line.Length && IsWord(line[after]);
    }

    private static bool IsRunOfHyphens(string line, int start, int end) => !line.AsSpan(start, end - start).ContainsAnyExcept('-');

    private static bool IsWord(char c) => c == '_' || char.IsLetterOrDigit(c);

    private static bool IsLetter(char c) => c == '_' || char.IsLetter(c);

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\n' or '\v' or '\f' or '\r';

    private static bool IsBlank(string chunk) => chunk.All(CharacterClass.IsSpace);

    private static int Length(string chunk) => CodePoints.Count(chunk);
}
