using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Builtins;

internal static partial class StringMethods
{
    private static ListValue Split(RenderState state, StringValue self, Arguments arguments, string name, bool fromEnd)
    {
        Value?[] bound = arguments.Bind(name, 0, "sep", "maxsplit");
        int limit = bound[1] is { } given ? Numeric.ToIndex(given) : -1;
        state.Budget.ChargeText(self.Text.Length);
        List<Value> parts;
        if (bound[0] is null or NoneValue)
        {
            parts = fromEnd ? SplitSpacesFromEnd(state, self, limit) : SplitSpaces(state, self, limit);
        }
        else
        {
            string separator = RequireText(state, bound[0]!, $"must be str or None, not {bound[0]!.TypeName}").Text;
            if (separator.Length == 0)
            {
                throw TemplateException.Value("empty separator");
            }

            parts = fromEnd ? SplitFromEnd(state, self, separator, limit) : Split(state, self, separator, limit);
        }

        return new ListValue(parts);
    }

    private static List<Value> Split(RenderState state, StringValue self, string separator, int limit)
    {
        var parts = new List<Value>();
        int start = 0;
        for (; limit != 0; limit--)
        {
            int found = TextSearch.IndexOf(state, self.Text, separator, start);
            if (found < 0)
            {
                break;
            }

            state.Budget.Charge(StringValue.StepsPerPart);
            parts.Add(self.Substring(start, found - start));
            start = found + separator.Length;
        }

        parts.Add(self.Substring(start, self.Text.Length - start));
        return parts;
    }

    private static List<Value> SplitFromEnd(RenderState state, StringValue self, string separator, int limit)
    {
        var parts = new List<Value>();
        int end = self.Text.Length;
        for (; limit != 0; limit--)
        {
            int found = TextSearch.LastIndexOf(state, self.Text, separator, end);
            if (found < 0)
            {
                break;
            }

            state.Budget.Charge(StringValue.StepsPerPart);
            parts.Add(self.Substring(found + separator.Length, end - found - separator.Length));
            end = found;
        }

        parts.Add(self.Substring(0, end));
        parts.Reverse();
        return parts;
    }

    private static List<Value> SplitSpaces(RenderState state, StringValue self, int limit)
    {
        string text = self.Text;
        var parts = new List<Value>();
        for (int start = 0; ;)
        {
            while (start < text.Length && CharacterClass.IsSpace(text[start]))
            {
                start++;
            }

            if (start == text.Length)
            {
                return parts;
            }

            int end = start;
            while (end < text.Length && !CharacterClass.IsSpace(text[end]))
            {
                end++;
            }

            state.Budget.Charge(StringValue.StepsPerPart);
            if (limit-- == 0)
            {
                parts.Add(self.Substring(start, text.Length - start));
                return parts;
            }

            parts.Add(self.Substring(start, end - start));
            start = end;
        }
    }

    private static List<Value> SplitSpacesFromEnd(RenderState state, StringValue self, int limit)
    {
        string text = self.Text;
        var parts = new List<Value>();
        for (int end = text.Length; ;)
        {
            while (end > 0 && CharacterClass.IsSpace(text[end - 1]))
            {
                end--;
            }

            if (end == 0)
            {
                break;
            }

            int start = end;
            while (start > 0 && !CharacterClass.IsSpace(text[start - 1]))
            {
                start--;
            }

            state.Budget.Charge(StringValue.StepsPerPart);
            if (limit-- == 0)
            {
                parts.Add(self.Substring(0, end));
                break;
            }

            parts.Add(self.Substring(start, end - start));
            end = start;
        }

        parts.Reverse();
        return parts;
    }
}
