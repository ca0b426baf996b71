using System.Text;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Parsing;

/// <summary>
/// Cuts a template into tokens, with <c>trim_blocks</c> and <c>lstrip_blocks</c> on: the line feed after a block or comment goes,
/// and so does the white space of a line before one.
/// </summary>
internal sealed class Lexer
{
    private static readonly string[] s_operators =
    [
        "//", "**", "==", "!=", ">=", "<=",
        "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";",
    ];

    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private readonly Stack<char> _open = [];
    private int _position;
    private int _line = 1;

    public Lexer(string source)
    {
        string normalized = source.Contains('\r', StringComparison.Ordinal)
            ? source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n')
            : source;
        _source = normalized.EndsWith('\n') ? normalized[..^1] : normalized;
    }

    public List<Token> Tokenize()
    {
        while (_position < _source.Length)
        {
            ReadData();
        }

        _tokens.Add(new Token(TokenKind.End, string.Empty, _line));
        return _tokens;
    }

    /// <summary>Text up to the next tag, and that tag.</summary>
    private void ReadData()
    {
        int tag = FindTag(_position);
        if (tag < 0)
        {
            AddData(_position, _source.Length);
            return;
        }

        char kind = _source[tag + 1];
        int body = tag + 2;
        char? sign = body < _source.Length && _source[body] is '-' or '+' ? _source[body] : null;
        AddData(_position, DataEnd(tag, sign, isVariable: kind == '{'), tag);
        body += sign is null ? 0 : 1;
        switch (kind)
        {
            case '#':
                ReadComment(body);
                break;
            case '{':
                Add(TokenKind.VariableBegin, "{{");
                Advance(body);
                ReadTag("}}", TokenKind.VariableEnd);
                break;
            default:
                if (TryMatchRaw(body, "raw", out int rawBody))
                {
                    ReadRaw(rawBody);
                    break;
                }

                Add(TokenKind.BlockBegin, "{%");
                Advance(body);
                ReadTag("%}", TokenKind.BlockEnd);
                break;
        }
    }

    private int FindTag(int start)
    {
        for (int i = start; (i = _source.IndexOf('{', i)) >= 0 && i + 1 < _source.Length; i++)
        {
            if (_source[i + 1] is '{' or '%' or '#')
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Where the text before a tag ends, once white space is stripped as the tag's sign and the settings ask.</summary>
    private int DataEnd(int tag, char? sign, bool isVariable)
    {
        int end = tag;
        if (sign == '-')
        {
            while (end > _position && CharacterClass.IsSpace(_source[end - 1]))
            {
                end--;
            }

            return end;
        }

        if (sign == '+' || isVariable)
        {
            return tag;
        }

        while (end > _position && _source[end - 1] != '\n' && CharacterClass.IsSpace(_source[end - 1]))
        {
            end--;
        }

        return end == 0 || _source[end - 1] == '\n' ? end : tag;
    }

    private void AddData(int start, int end, int? next = null)
    {
        if (end > start)
        {
            _tokens.Add(new Token(TokenKind.Data, _source[start..end], _line));
        }

        Advance(next ?? end);
    }

    private void ReadComment(int body)
    {
        int end = _source.IndexOf("#}", body, StringComparison.Ordinal);
        if (end < 0)
        {
            throw Error("Missing end of comment tag");
        }

        char? sign = end > body && _source[end - 1] is '-' or '+' ? _source[end - 1] : null;
        Advance(AfterTag(end + 2, sign));
    }

    /// <summary>The position after a tag's end: past all white space, one line feed or nothing.</summary>
    private int AfterTag(int end, char? sign)
    {
        if (sign == '-')
        {
            while (end < _source.Length && CharacterClass.IsSpace(_source[end]))
            {
                end++;
            }

            return end;
        }

        return sign is null && end < _source.Length && _source[end] == '\n' ? end + 1 : end;
    }

    /// <summary>Whether a tag's body is one bare word, as in <c>{% raw %}</c>; gives the position after the tag.</summary>
    private bool TryMatchRaw(int body, string word, out int after)
    {
        after = SkipSpace(body);
        if (!_source.AsSpan(after).StartsWith(word))
        {
            return false;
        }

        after = SkipSpace(after + word.Length);
        bool hasSign = after < _source.Length && (_source[after] == '-' || (_source[after] == '+' && word == "endraw"));
        char? sign = hasSign ? _source[after] : null;
        after += sign is null ? 0 : 1;
        if (!_source.AsSpan(after).StartsWith("%}"))
        {
            return false;
        }

        after = word == "raw" && sign is null ? after + 2 : AfterTag(after + 2, sign);
        return true;
    }

    private void ReadRaw(int body)
    {
        Advance(body);
        for (int i = body; (i = _source.IndexOf("{%", i, StringComparison.Ordinal)) >= 0; i++)
        {
            char? sign = i + 2 < _source.Length && _source[i + 2] is '-' or '+' ? _source[i + 2] : null;
            if (TryMatchRaw(i + (sign is null ? 2 : 3), "endraw", out int after))
            {
                AddData(body, DataEnd(i, sign, isVariable: false), after);
                return;
            }
        }

        throw Error("Missing end of raw directive");
    }

    private void ReadTag(string end, TokenKind endKind)
    {
        _open.Clear();
        while (true)
        {
            Advance(SkipSpace(_position));
            if (_position >= _source.Length)
            {
                return;
            }

            if (_open.Count == 0 && TryReadEnd(end, endKind))
            {
                return;
            }

            ReadToken();
        }
    }

    private bool TryReadEnd(string end, TokenKind endKind)
    {
        ReadOnlySpan<char> rest = _source.AsSpan(_position);
        char? sign = rest[0] == '-' || (rest[0] == '+' && endKind == TokenKind.BlockEnd) ? rest[0] : null;
        int start = sign is null ? 0 : 1;
        if (!rest[start..].StartsWith(end))
        {
            return false;
        }

        Add(endKind, end);
        int after = _position + start + end.Length;
        Advance(endKind == TokenKind.VariableEnd && sign is null ? after : AfterTag(after, sign));
        return true;
    }

    private void ReadToken()
    {
        char c = _source[_position];
        if (char.IsAsciiDigit(c))
        {
            ReadNumber();
        }
        else if (c is '\'' or '"')
        {
            ReadString(c);
        }
        else if (Rune.TryGetRuneAt(_source, _position, out Rune rune) && CharacterClass.IsIdentifierPart(rune))
        {
            ReadName();
        }
        else
        {
            ReadOperator();
        }
    }

    private void ReadName()
    {
        int end = _position;
        bool isFirst = true;
        while (end < _source.Length && Rune.TryGetRuneAt(_source, end, out Rune rune) && CharacterClass.IsIdentifierPart(rune))
        {
            if (isFirst && !CharacterClass.IsIdentifierStart(rune))
            {
                throw Error("Invalid character in identifier");
            }

            isFirst = false;
            end += rune.Utf16SequenceLength;
        }

        Add(TokenKind.Name, _source[_position..end]);
        Advance(end);
    }

    private void ReadOperator()
    {
        string? text = s_operators.FirstOrDefault(o => _source.AsSpan(_position).StartsWith(o))
            ?? throw Error($"unexpected char '{_source[_position]}' at {_position}");
        char c = text[0];
        if (c is '(' or '[' or '{')
        {
            _open.Push(c == '(' ? ')' : c == '[' ? ']' : '}');
        }
        else if (c is ')' or ']' or '}')
        {
            if (!_open.TryPop(out char expected))
            {
                throw Error($"unexpected '{c}'");
            }

            if (expected != c)
            {
                throw Error($"unexpected '{c}', expected '{expected}'");
            }
        }

        Add(TokenKind.Operator, text);
        Advance(_position + text.Length);
    }

    private void ReadNumber()
    {
        bool afterDot = _position > 0 && _source[_position - 1] == '.';
        (Value value, int length) = NumberLiteral.Read(_source.AsSpan(_position), allowsFloat: !afterDot);
        _tokens.Add(new Token(TokenKind.Number, _source.Substring(_position, length), _line, value));
        Advance(_position + length);
    }

    private void ReadString(char quote)
    {
        int end = _position + 1;
        while (end < _source.Length && _source[end] != quote)
        {
            end += _source[end] == '\\' ? 2 : 1;
        }

        if (end >= _source.Length)
        {
            throw Error($"unexpected char '{quote}' at {_position}: the string has no end");
        }

        Add(TokenKind.String, StringEscapes.Decode(_source.AsSpan(_position + 1, end - _position - 1), _line));
        Advance(end + 1);
    }

    private int SkipSpace(int position)
    {
        while (position < _source.Length && CharacterClass.IsSpace(_source[position]))
        {
            position++;
        }

        return position;
    }

    private void Add(TokenKind kind, string text) => _tokens.Add(new Token(kind, text, _line));

    private void Advance(int position)
    {
        _line += _source.AsSpan(_position, position - _position).Count('\n');
        _position = position;
    }

    private TemplateException Error(string message) => new(TemplateErrorKind.Syntax, message, _line);
}
