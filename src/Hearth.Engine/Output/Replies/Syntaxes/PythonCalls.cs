using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Hearth.Engine.Output.Replies.Syntaxes;

/// <summary>Calls as Python writes them, with literals for named arguments: <c>[f(a=1, b="x"), g()]</c>.</summary>
internal sealed partial class PythonCalls
{
    private const int MaxDepth = 60;
    private readonly string _text;
    private int _position;

    private PythonCalls(string text) => _text = text;

    private char Next => _position < _text.Length ? _text[_position] : '\0';

    /// <summary>The calls of a text, with their arguments as JSON; null for a text that is something else.</summary>
    internal static IReadOnlyList<(string Name, string Arguments)>? Parse(string text)
    {
        PythonCalls parser = new(text);
        try
        {
            return parser.Calls();
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private List<(string Name, string Arguments)> Calls()
    {
        List<(string Name, string Arguments)> calls = [];
        bool isList = Accept('[');
        do
        {
            string name = Word(".-");
            Expect('(');
            calls.Add((name, Arguments()));
        }
        while (isList && Accept(','));

        if (isList)
        {
            Expect(']');
        }

        SkipSpace();
        return _position == _text.Length ? calls : throw new FormatException();
    }

    private string Arguments()
    {
        StringBuilder json = new("{");
        while (!Accept(')'))
        {
            if (json.Length > 1)
            {
                Expect(',');
                json.Append(", ");
            }

            string key = Word();
            Expect('=');
            json.Append(TaggedArguments.Quote(key)).Append(": ").Append(Value(0));
        }

        return json.Append('}').ToString();
    }

    private string Value(int depth)
    {
        SkipSpace();
        return depth > MaxDepth ? throw new FormatException() : Next switch
        {
            '"' or '\'' => TaggedArguments.Quote(Literal()),
            '[' or '(' => List(depth),
            '{' => Dictionary(depth),
            '-' or (>= '0' and <= '9') => Number(),
            _ => Word() switch { "True" or "true" => "true", "False" or "false" => "false", "None" or "null" => "null", _ => throw new FormatException() },
        };
    }

    private string List(int depth)
    {
        char end = Next == '[' ? ']' : ')';
        _position++;
        List<string> items = [];
        while (!Accept(end))
        {
            if (items.Count > 0)
            {
                Expect(',');
            }

            items.Add(Value(depth + 1));
        }

        return $"[{string.Join(", ", items)}]";
    }

    private string Dictionary(int depth)
    {
        _position++;
        List<string> items = [];
        while (!Accept('}'))
        {
            if (items.Count > 0)
            {
                Expect(',');
            }

            SkipSpace();
            string key = Literal();
            Expect(':');
            items.Add($"{TaggedArguments.Quote(key)}: {Value(depth + 1)}");
        }

        return $"{{{string.Join(", ", items)}}}";
    }

    private string Number()
    {
        int start = _position;
        while (char.IsAsciiLetterOrDigit(Next) || Next is '-' or '+' or '.')
        {
            _position++;
        }

        string number = _text[start.._position];
        return JsonNumber().IsMatch(number) ? number
            : decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value) ? value.ToString(CultureInfo.InvariantCulture) : throw new FormatException();
    }

    private string Literal()
    {
        char quote = Next is '"' or '\'' ? Next : throw new FormatException();
        StringBuilder text = new();
        for (_position++; Next != quote; _position++)
        {
            if (_position >= _text.Length)
            {
                throw new FormatException();
            }

            if (Next != '\\')
            {
                text.Append(Next);
                continue;
            }

            _position++;
            text.Append(Next switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', 'u' => Code(), '\0' => throw new FormatException(), char other => other });
        }

        _position++;
        return text.ToString();
    }

    private char Code()
    {
        const int Digits = 4;
        string digits = _position + Digits < _text.Length ? _text.Substring(_position + 1, Digits) : throw new FormatException();
        _position += Digits;
        return ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code) ? (char)code : throw new FormatException();
    }

    private string Word(string others = "")
    {
        SkipSpace();
        int start = _position;
        while (char.IsAsciiLetterOrDigit(Next) || Next == '_' || (Next != '\0' && others.Contains(Next, StringComparison.Ordinal)))
        {
            _position++;
        }

        return _position > start ? _text[start.._position] : throw new FormatException();
    }

    private bool Accept(char character)
    {
        SkipSpace();
        bool isNext = Next == character;
        _position += isNext ? 1 : 0;
        return isNext;
    }

    private void Expect(char character)
    {
        if (!Accept(character))
        {
            throw new FormatException();
        }
    }

    private void SkipSpace()
    {
        while (char.IsWhiteSpace(Next))
        {
            _position++;
        }
    }

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z")]
    private static partial Regex JsonNumber();
}
