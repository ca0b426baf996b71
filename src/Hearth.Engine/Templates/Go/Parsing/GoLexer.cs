using System.Buffers;
using System.Globalization;
using System.Text;

namespace Hearth.Engine.Templates.Go.Parsing;

/// <summary>
/// Cuts a template into tokens as Go's text/template does: <c>{{- </c> and <c> -}}</c> take the white space around an action, and space
/// inside one separates operands.
/// </summary>
internal sealed class GoLexer(string source)
{
    private const string Begin = "{{";
    private const string End = "}}";
    private const string CommentBegin = "/*";
    private const string CommentEnd = "*/";
    private const string Space = " \t\r\n";

    private static readonly SearchValues<char> s_space = SearchValues.Create(Space);
    private static readonly HashSet<string> s_keywords =
        ["block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"];

    private readonly List<GoToken> _tokens = [];
    private int _position;

    public List<GoToken> Tokenize()
    {
        while (ReadText())
        {
            ReadAction();
        }

        Add(GoTokenKind.End, source.Length);
        return _tokens;
    }

    /// <summary>Text up to the next action; false when there is none.</summary>
    private bool ReadText()
    {
        int begin = source.IndexOf(Begin, _position, StringComparison.Ordinal);
        int end = begin < 0 ? source.Length : begin;
        if (begin >= 0 && HasLeftTrim(begin + Begin.Length))
        {
            end = _position + source.AsSpan(_position, begin - _position).TrimEnd(Space).Length;
        }

        if (end > _position)
        {
            Add(GoTokenKind.Text, end);
        }

        _position = begin < 0 ? source.Length : begin;
        return begin >= 0;
    }

    private void ReadAction()
    {
        int body = _position + Begin.Length;
        body += HasLeftTrim(body) ? 2 : 0;
        if (Rest(body).StartsWith(CommentBegin))
        {
            ReadComment(body);
            return;
        }

        Add(GoTokenKind.ActionBegin, _position + Begin.Length);
        _position = body;
        for (int depth = 0; ;)
        {
            if (TryReadEnd(depth))
            {
                return;
            }

            depth += ReadToken();
        }
    }

    private void ReadComment(int body)
    {
        int end = source.IndexOf(CommentEnd, body + CommentBegin.Length, StringComparison.Ordinal);
        if (end < 0)
        {
            throw Error("unclosed comment", body);
        }

        _position = end + CommentEnd.Length;
        if (!TrySkipEnd())
        {
            throw Error("comment ends before closing delimiter", end);
        }
    }

    private bool TryReadEnd(int depth)
    {
        int position = _position;
        if (!TrySkipEnd())
        {
            return false;
        }

        if (depth > 0)
        {
            throw Error("unclosed left paren", position);
        }

        _tokens.Add(new GoToken(GoTokenKind.ActionEnd, End, position));
        return true;
    }

    /// <summary>Goes past the end of an action, and past the white space that its sign takes.</summary>
    private bool TrySkipEnd()
    {
        bool trims = IsSpaceAt(_position) && Rest(_position + 1).StartsWith("-" + End);
        if (!trims && !Rest(_position).StartsWith(End))
        {
            return false;
        }

        _position += End.Length + (trims ? 2 : 0);
        while (trims && IsSpaceAt(_position))
        {
            _position++;
        }

        return true;
    }

    /// <summary>A token inside an action; returns the change of the depth of parentheses.</summary>
    private int ReadToken()
    {
        if (_position >= source.Length)
        {
            throw Error("unclosed action", _position);
        }

        char c = source[_position];
        switch (c)
        {
            case ' ' or '\t' or '\r' or '\n':
                ReadSpace();
                break;
            case '=':
                Add(GoTokenKind.Assign, _position + 1);
                break;
            case ':':
                Add(GoTokenKind.Declare, Rest(_position).StartsWith(":=") ? _position + 2 : throw Error("expected :=", _position));
                break;
            case '|':
                Add(GoTokenKind.Pipe, _position + 1);
                break;
            case '"':
                ReadQuoted(GoTokenKind.String, '"', "unterminated quoted string");
                break;
            case '\'':
                ReadQuoted(GoTokenKind.CharacterConstant, '\'', "unterminated character constant");
                break;
            case '`':
                int end = source.IndexOf('`', _position + 1);
                Add(GoTokenKind.RawString, end < 0 ? throw Error("unterminated raw quoted string", _position) : end + 1);
                break;
            case '(':
                Add(GoTokenKind.OpenParenthesis, _position + 1);
                return 1;
            case ')':
                Add(GoTokenKind.CloseParenthesis, _position + 1);
                return -1;
            case '$':
                ReadName(GoTokenKind.Variable, _position + 1);
                break;
            case '.' when !IsDigitAt(_position + 1):
                int name = _position + 1;
                ReadName(name < source.Length && IsNamePart(name, out _) ? GoTokenKind.Field : GoTokenKind.Dot, name);
                break;
            case '.' or '+' or '-' or (>= '0' and <= '9'):
                ReadNumber();
                break;
            default:
                if (IsNamePart(_position, out _))
                {
                    ReadName(GoTokenKind.Identifier, _position);
                    break;
                }

                if (c is <= ' ' or > '~')
                {
                    throw Error($"unrecognized character in action: {Code(c)}", _position);
                }

                Add(GoTokenKind.Character, _position + 1);
                break;
        }

        return 0;
    }

    private void ReadSpace()
    {
        int end = _position;
        while (IsSpaceAt(end))
        {
            end++;
        }

        // The last space belongs to a trimming end.
        end -= Rest(end).StartsWith("-" + End) ? 1 : 0;
        if (end > _position)
        {
            Add(GoTokenKind.Space, end);
        }
    }

    private void ReadQuoted(GoTokenKind kind, char quote, string error)
    {
        int end = _position + 1;
        while (end < source.Length && source[end] != quote && source[end] != '\n')
        {
            end += source[end] == '\\' && end + 1 < source.Length && source[end + 1] != '\n' ? 2 : 1;
        }

        Add(kind, end < source.Length && source[end] == quote ? end + 1 : throw Error(error, _position));
    }

    private void ReadName(GoTokenKind kind, int end)
    {
        while (end < source.Length && IsNamePart(end, out int width))
        {
            end += width;
        }

        bool isTerminated = end >= source.Length || IsSpaceAt(end) || source[end] is '.' or ',' or '|' or ':' or ')' or '('
            || Rest(end).StartsWith(End);
        if (!isTerminated)
        {
            throw Error($"bad character {Code(source[end])}", end);
        }

        string text = source[_position..end];
        Add(kind == GoTokenKind.Identifier ? KindOf(text) : kind, end);
    }

    private static GoTokenKind KindOf(string word) => word switch
    {
        "true" or "false" => GoTokenKind.Bool,
        "nil" => GoTokenKind.Nil,
        _ => s_keywords.Contains(word) ? GoTokenKind.Keyword : GoTokenKind.Identifier,
    };

    /// <summary>What may be a number; its syntax is checked when it is read.</summary>
    private void ReadNumber()
    {
        int end = _position + (source[_position] is '+' or '-' ? 1 : 0);
        while (end < source.Length && (IsNamePart(end, out _) || source[end] == '.' || (source[end] is '+' or '-' && IsExponent(end))))
        {
            end++;
        }

        Add(GoTokenKind.Number, end);
    }

    private bool IsExponent(int sign) =>
        source[sign - 1] is 'e' or 'E' && !Rest(_position).TrimStart("+-").StartsWith("0x", StringComparison.OrdinalIgnoreCase);

    private bool IsNamePart(int position, out int width)
    {
        bool isRune = Rune.TryGetRuneAt(source, position, out Rune rune);
        width = isRune ? rune.Utf16SequenceLength : 1;
        return isRune && (rune.Value == '_' || Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber);
    }

    private bool HasLeftTrim(int position) => position + 1 < source.Length && source[position] == '-' && IsSpaceAt(position + 1);

    private bool IsSpaceAt(int position) => position < source.Length && s_space.Contains(source[position]);

    private bool IsDigitAt(int position) => position < source.Length && char.IsAsciiDigit(source[position]);

    private ReadOnlySpan<char> Rest(int position) => position < source.Length ? source.AsSpan(position) : [];

    private void Add(GoTokenKind kind, int end)
    {
        _tokens.Add(new GoToken(kind, source[_position..end], _position));
        _position = end;
    }

    private static string Code(char c) => string.Create(CultureInfo.InvariantCulture, $"U+{(int)c:X4} '{c}'");

    private TemplateException Error(string message, int position) =>
        GoPlace.Mark(new TemplateException(TemplateErrorKind.Syntax, message), source, position);
}
