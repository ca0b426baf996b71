using System.Globalization;
using System.Text;
using Hearth.Engine.Grammar.Text;

namespace Hearth.Engine.Grammar.Regex;

/// <summary>
/// Reads regular expressions as ECMA-262 has them with the flag <c>u</c>, without what is not regular or looks around: back references,
/// look-ahead, look-behind and word boundaries. Lazy quantifiers match the same texts as greedy ones.
/// </summary>
internal sealed class RegexParser(string pattern)
{
    private static readonly CharacterSet s_digits = CharacterSet.Of(('0', '9'));
    private static readonly CharacterSet s_words = CharacterSet.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));
    private static readonly CharacterSet s_spaces = CharacterSet.Of(
        (9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF));

    private static readonly CharacterSet s_notLineEnds = CharacterSet.Of((10, 10), (13, 13), (0x2028, 0x2029)).Complement();
    private int _at;
    private int _depth;

    /// <summary>Reads the whole expression.</summary>
    /// <exception cref="GrammarException">It is broken, or uses what is not supported.</exception>
    public RegexNode Parse()
    {
        if (pattern.Length > GrammarLimits.SourceLength)
        {
            throw GrammarException.TooComplex($"a regular expression of {pattern.Length} characters", $"at most {GrammarLimits.SourceLength}");
        }

        RegexNode node = ParseChoice();
        return _at == pattern.Length ? node : throw Bad("a ) without its (");
    }

    /// <summary>How many <c>^</c> and <c>$</c> were read.</summary>
    public int Anchors { get; private set; }

    private bool IsAtEnd => _at >= pattern.Length;

    private char Current => pattern[_at];

    private RegexNode ParseChoice()
    {
        if (++_depth > GrammarLimits.Nesting)
        {
            throw GrammarException.TooComplex($"groups nested more than {GrammarLimits.Nesting} deep", "fewer");
        }

        List<RegexNode> alternatives = [ParseSequence()];
        while (TryRead('|'))
        {
            alternatives.Add(ParseSequence());
        }

        _depth--;
        return alternatives.Count == 1 ? alternatives[0] : new RegexNode.Choice(alternatives);
    }

    private RegexNode ParseSequence()
    {
        List<RegexNode> parts = [];
        while (!IsAtEnd && Current is not ('|' or ')'))
        {
            parts.Add(ParseQuantified());
        }

        return parts.Count == 1 ? parts[0] : new RegexNode.Sequence(parts);
    }

    private RegexNode ParseQuantified()
    {
        RegexNode atom = ParseAtom();
        if (IsAtEnd || ReadQuantifier() is not Quantifier quantifier)
        {
            return atom;
        }

        TryRead('?');
        if (atom is RegexNode.Anchor)
        {
            throw Bad("a quantifier after ^ or $");
        }

        if (!IsAtEnd && (Current is '*' or '+' or '?' || IsCount()))
        {
            throw Bad("two quantifiers in a row");
        }

        return new RegexNode.Repeat(atom, quantifier.Least, quantifier.Most);
    }

    private Quantifier? ReadQuantifier()
    {
        if (Quantifier.OfSymbol(Current) is Quantifier simple)
        {
            _at++;
            return simple;
        }

        switch (Current)
        {
            case '{' when IsCount():
                int close = pattern.IndexOf('}', _at);
                string[] numbers = pattern[(_at + 1)..close].Split(',');
                int least = ReadNumber(numbers[0]);
                int? most = numbers.Length == 1 ? least : numbers[1].Length == 0 ? null : ReadNumber(numbers[1]);
                if (most < least)
                {
                    throw Bad("a quantifier whose numbers are out of order");
                }

                _at = close + 1;
                return new Quantifier(least, most);
            case '{':
                throw Bad("a { that is no quantifier; write \\{ for the character");
            default:
                return null;
        }
    }

    private bool IsCount()
    {
        int at = _at + 1;
        int digits = 0;
        for (; at < pattern.Length && char.IsAsciiDigit(pattern[at]); at++)
        {
            digits++;
        }

        if (digits > 0 && at < pattern.Length && pattern[at] == ',')
        {
            for (at++; at < pattern.Length && char.IsAsciiDigit(pattern[at]); at++)
            {
            }
        }

        return Current == '{' && digits > 0 && at < pattern.Length && pattern[at] == '}';
    }

    private static int ReadNumber(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= GrammarLimits.Repetitions
        ? number
        : throw GrammarException.TooComplex($"something is repeated {digits} times", $"at most {GrammarLimits.Repetitions}");

    private RegexNode ParseAtom()
    {
        char first = Current;
        switch (first)
        {
            case '^' or '$':
                _at++;
                Anchors++;
                return new RegexNode.Anchor(first == '$');
            case '.':
                _at++;
                return new RegexNode.Characters(s_notLineEnds);
            case '(':
                return ParseGroup();
            case '[':
                return new RegexNode.Characters(ParseClass());
            case '\\':
                return ParseEscapedAtom();
            case '*' or '+' or '?':
                throw Bad("a quantifier with nothing before it");
            case '{':
                throw Bad("a { that is no quantifier; write \\{ for the character");
            default:
                return new RegexNode.Characters(CharacterSet.Of(ReadRune()));
        }
    }

    private RegexNode ParseGroup()
    {
        int start = _at++;
        if (TryRead('?'))
        {
            if (TryRead('<') && !IsAtEnd && Current is not ('=' or '!'))
            {
                int close = pattern.IndexOf('>', _at);
                _at = close < 0 ? throw Bad("a group's name without its >") : close + 1;
            }
            else if (IsAtEnd || Current != ':')
            {
                throw GrammarException.UnsupportedExpression(pattern, "look-around or a group with flags", start);
            }
            else
            {
                _at++;
            }
        }

        RegexNode node = ParseChoice();
        return TryRead(')') ? node : throw Bad("a ( without its )");
    }

    private RegexNode.Characters ParseEscapedAtom()
    {
        int start = _at++;
        if (IsAtEnd)
        {
            throw Bad("a \\ with nothing after it");
        }

        if (Current is 'b' or 'B')
        {
            throw GrammarException.UnsupportedExpression(pattern, "a word boundary", start);
        }

        if (Current is (>= '1' and <= '9') or 'k')
        {
            throw GrammarException.UnsupportedExpression(pattern, "a back reference", start);
        }

        return new RegexNode.Characters(ParseClassEscape() ?? CharacterSet.Of(ReadEscape()));
    }

    private CharacterSet ParseClass()
    {
        _at++;
        bool negated = TryRead('^');
        List<CharacterSet> sets = [];
        while (!TryRead(']'))
        {
            CharacterSet? set = ReadClassAtom(out Rune low);
            if (set is null && !IsAtEnd && Current == '-' && _at + 1 < pattern.Length && pattern[_at + 1] != ']')
            {
                _at++;
                set = ReadClassAtom(out Rune high) is null && low <= high
                    ? CharacterSet.Of((low.Value, high.Value))
                    : throw Bad("a range whose ends are out of order or no characters");
            }

            sets.Add(set ?? CharacterSet.Of(low));
        }

        CharacterSet all = CharacterSet.Of(sets.SelectMany(set => set.Ranges).Select(range => (range.Low, range.High)));
        return negated ? all.Complement() : all;
    }

    // A set, or null and a single character.
    private CharacterSet? ReadClassAtom(out Rune rune)
    {
        rune = default;
        if (IsAtEnd)
        {
            throw Bad("a [ without its ]");
        }

        if (Current != '\\')
        {
            rune = ReadRune();
            return null;
        }

        _at++;
        if (!IsAtEnd && Current is 'b' or '-')
        {
            rune = new Rune(pattern[_at++] == 'b' ? '\b' : '-');
            return null;
        }

        CharacterSet? set = ParseClassEscape();
        rune = set is null ? ReadEscape() : default;
        return set;
    }

    private CharacterSet? ParseClassEscape()
    {
        if (IsAtEnd)
        {
            throw Bad("a \\ with nothing after it");
        }

        CharacterSet? set = Current switch
        {
            'd' => s_digits,
            'D' => s_digits.Complement(),
            'w' => s_words,
            'W' => s_words.Complement(),
            's' => s_spaces,
            'S' => s_spaces.Complement(),
            'p' or 'P' => ReadProperty(),
            _ => null,
        };
        _at += set is null ? 0 : 1;
        return set;
    }

    private CharacterSet ReadProperty()
    {
        int start = _at - 1;
        bool negated = Current == 'P';
        int close = pattern.IndexOf('}', _at);
        if (_at + 1 >= pattern.Length || pattern[_at + 1] != '{' || close < 0)
        {
            throw Bad("a \\p without a property in braces");
        }

        string name = pattern[(_at + 2)..close];
        _at = close;
        CharacterSet set = UnicodeProperties.Find(name) ?? throw GrammarException.UnsupportedExpression(pattern, $"the property {name}", start);
        return negated ? set.Complement() : set;
    }

    private Rune ReadEscape()
    {
        char letter = Current;
        switch (letter)
        {
            case 'n' or 't' or 'r' or 'f' or 'v' or '0':
                _at++;
                return new Rune(letter switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'f' => '\f', 'v' => '\v', _ => '\0' });
            case 'x':
                _at++;
                return ReadHex(2);
            case 'u' when _at + 1 < pattern.Length && pattern[_at + 1] == '{':
                int close = pattern.IndexOf('}', _at);
                int length = close - _at - 2;
                _at += 2;
                Rune braced = length is > 0 and <= 6 ? ReadHex(length) : throw Bad("a \\u{ without up to 6 hexadecimal digits and a }");
                _at++;
                return braced;
            case 'u':
                _at++;
                return ReadUnit();
            case 'c' when _at + 1 < pattern.Length && char.IsAsciiLetter(pattern[_at + 1]):
                _at += 2;
                return new Rune(pattern[_at - 1] % 32);
            default:
                return char.IsAsciiLetterOrDigit(letter) ? throw Bad($"the escape \\{letter}, which has no meaning") : ReadRune();
        }
    }

    private Rune ReadUnit()
    {
        int start = _at;
        if (start + 4 <= pattern.Length && int.TryParse(pattern.AsSpan(start, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int high)
            && char.IsHighSurrogate((char)high) && start + 10 <= pattern.Length && pattern.AsSpan(start + 4, 2) is "\\u"
            && int.TryParse(pattern.AsSpan(start + 6, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int low) && char.IsLowSurrogate((char)low))
        {
            _at += 10;
            return new Rune((char)high, (char)low);
        }

        return ReadHex(4);
    }

    private Rune ReadHex(int digits)
    {
        if (!HexDigits.TryRead(pattern.AsSpan(_at), digits, out Rune character))
        {
            throw Bad($"an escape without {digits} hexadecimal digits of a character");
        }

        _at += digits;
        return character;
    }

    private Rune ReadRune()
    {
        if (!Rune.TryGetRuneAt(pattern, _at, out Rune rune))
        {
            throw Bad("half of a character");
        }

        _at += rune.Utf16SequenceLength;
        return rune;
    }

    private bool TryRead(char expected)
    {
        if (IsAtEnd || Current != expected)
        {
            return false;
        }

        _at++;
        return true;
    }

    private GrammarException Bad(string found) => GrammarException.BadExpression(pattern, found, _at);
}
