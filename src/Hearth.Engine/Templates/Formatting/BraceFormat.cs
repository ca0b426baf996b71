using System.Globalization;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Formatting;

/// <summary>Python's <c>str.format</c>, with the sandbox's rules for attributes.</summary>
internal sealed class BraceFormat(RenderState state, StringValue format, Arguments arguments)
{
    private const int MaxDepth = 2;

    private int _automatic;
    private bool _isNumbered;

    public StringValue Run() => Run(0, format.Text.Length, MaxDepth).AsMarkup(format.IsMarkup);

    private StringValue Run(int start, int end, int depth)
    {
        if (depth == 0)
        {
            throw TemplateException.Value("Max string recursion exceeded");
        }

        var output = new TextBuilder(state.Budget);
        string text = format.Text;
        int literal = start;
        for (int i = start; i < end;)
        {
            char c = text[i];
            if (c is not ('{' or '}'))
            {
                i++;
                continue;
            }

            if (i + 1 < end && text[i + 1] == c)
            {
                output.Append(format.Substring(literal, i + 1 - literal));
                i += 2;
                literal = i;
                continue;
            }

            if (c == '}')
            {
                throw TemplateException.Value("Single '}' encountered in format string");
            }

            output.Append(format.Substring(literal, i - literal));
            int close = FindClose(i + 1, end);
            output.Append(Field(i + 1, close, depth));
            i = close + 1;
            literal = i;
        }

        return output.Append(format.Substring(literal, end - literal)).ToValue();
    }

    private int FindClose(int start, int end)
    {
        int depth = 1;
        for (int i = start; i < end; i++)
        {
            depth += format.Text[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0)
            {
                return i;
            }
        }

        throw TemplateException.Value("expected '}' before end of string");
    }

    private StringValue Field(int start, int end, int depth)
    {
        string text = format.Text;
        int nameEnd = start;
        for (bool inBrackets = false; nameEnd < end && (inBrackets || text[nameEnd] is not (':' or '!')); nameEnd++)
        {
            inBrackets = text[nameEnd] == '[' || (inBrackets && text[nameEnd] != ']');
        }

        Value value = Lookup(text[start..nameEnd]);
        char? conversion = null;
        if (nameEnd < end && text[nameEnd] == '!')
        {
            conversion = nameEnd + 1 < end
                ? text[nameEnd + 1]
                : throw TemplateException.Value("end of string while looking for conversion specifier");
            nameEnd += 2;
            if (nameEnd < end && text[nameEnd] != ':')
            {
                throw TemplateException.Value("expected ':' after conversion specifier");
            }
        }

        string specification = nameEnd < end ? Run(nameEnd + 1, end, depth - 1).Text : string.Empty;
        value = conversion switch
        {
            null => value,
            's' => Representation.Str(state, value),
            'r' => Representation.Repr(state, value),
            'a' => Representation.Repr(state, value) is var repr ? repr.WithText(FormatSpec.ToAscii(repr.Text)) : value,
            _ => throw TemplateException.Value($"Unknown conversion specifier {conversion}"),
        };
        StringValue formatted = FormatSpec.Format(state, value, specification);
        return format.IsMarkup ? Markup.Escape(state, formatted) : formatted;
    }

    private Value Lookup(string field)
    {
        int end = field.AsSpan().IndexOfAny('.', '[');
        string first = end < 0 ? field : field[..end];
        bool isNumber = int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out int index);
        _isNumbered |= isNumber;
        Value value = first.Length == 0 ? Positional(_automatic++) : isNumber ? Positional(index) : Named(first);
        if (_isNumbered && _automatic > 0)
        {
            throw TemplateException.Value("cannot mix automatic field numbering with manual field specification");
        }

        int position = end < 0 ? field.Length : end;
        while (position < field.Length)
        {
            if (field[position] == '.')
            {
                int stop = field.AsSpan(position + 1).IndexOfAny('.', '[');
                int next = stop < 0 ? field.Length : position + 1 + stop;
                value = Access.Attribute(state, value, field[(position + 1)..next]);
                position = next;
                continue;
            }

            int close = field.IndexOf(']', position);
            if (close < 0)
            {
                throw TemplateException.Value("Missing ']' in format string");
            }

            string key = field[(position + 1)..close];
            value = Access.Item(state, value, int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out index)
                ? IntValue.Of(index)
                : StringValue.FromTemplate(key));
            position = close + 1;
        }

        return value;
    }

    private Value Positional(int index) => index < arguments.Positional.Count
        ? arguments.Positional[index]
        : throw TemplateException.Value($"Replacement index {index} out of range for positional args tuple");

    private Value Named(string name)
    {
        foreach ((string key, Value value) in arguments.Named)
        {
            if (key == name)
            {
                return value;
            }
        }

        throw TemplateException.Value($"KeyError: '{name}'");
    }
}
