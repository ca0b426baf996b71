using System.Globalization;
using System.Text;
using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Grammar.Text;

namespace Hearth.Engine.Grammar.Gbnf;

/// <summary>
/// Reads grammars in llama.cpp's notation: <c>name ::= alternatives</c>, with texts in quotes, character classes, groups, <c>*</c>,
/// <c>+</c>, <c>?</c>, <c>{m,n}</c>, <c>.</c>, escapes and <c>#</c> comments. An alternative ends with its line, except inside a group and after
/// a <c>|</c>.
/// </summary>
/// <param name="text">The grammar.</param>
/// <param name="builder">What gets its rules.</param>
internal sealed class GbnfParser(string text, AutomatonBuilder builder)
{
    private readonly Dictionary<string, int> _rules = [];
    private readonly Dictionary<string, int> _firstUse = [];
    private readonly HashSet<string> _defined = [];
    private int _at;
    private int _depth;

    /// <summary>Reads the whole grammar.</summary>
    /// <param name="root">The rule that whole texts follow.</param>
    /// <returns>That rule's number.</returns>
    /// <exception cref="GrammarException">It is broken, or uses what is not supported.</exception>
    public int Parse(string root)
    {
        if (text.Length > GrammarLimits.SourceLength)
        {
            throw GrammarException.TooComplex($"a grammar of {text.Length} characters", $"at most {GrammarLimits.SourceLength}");
        }

        SkipSpace(lines: true);
        while (!IsAtEnd)
        {
            ParseRule();
        }

        foreach ((string name, int position) in _firstUse)
        {
            if (!_defined.Contains(name))
            {
                throw GrammarException.BadGrammar($"the rule '{name}' is used and not defined", position);
            }
        }

        return _defined.Contains(root)
            ? _rules[root]
            : throw GrammarException.BadGrammar($"there is no rule '{root}'", text.Length);
    }

    private bool IsAtEnd => _at >= text.Length;

    private char Current => text[_at];

    private void ParseRule()
    {
        string name = ReadName();
        SkipSpace(lines: false);
        if (!text.AsSpan(_at).StartsWith("::="))
        {
            throw Bad($"expected ::= after the name '{name}'");
        }

        _at += 3;
        SkipSpace(lines: true);
        _defined.Add(name);
        builder.Define(RuleFor(name), ParseChoice(inGroup: false));
        if (!IsAtEnd && Current is not ('\r' or '\n'))
        {
            throw Bad("expected the end of the line");
        }

        SkipSpace(lines: true);
    }

    private Expression ParseChoice(bool inGroup)
    {
        if (++_depth > GrammarLimits.Nesting)
        {
            throw GrammarException.TooComplex($"groups nested more than {GrammarLimits.Nesting} deep", "fewer");
        }

        List<Expression> alternatives = [ParseSequence(inGroup)];
        while (!IsAtEnd && Current == '|')
        {
            _at++;
            SkipSpace(lines: true);
            alternatives.Add(ParseSequence(inGroup));
        }

        _depth--;
        return Expression.Choice([.. alternatives]);
    }

    private Expression ParseSequence(bool inGroup)
    {
        List<Expression> parts = [];
        while (!IsAtEnd && ParseItem(inGroup) is Expression item)
        {
            parts.Add(item);
        }

        return Expression.Sequence([.. parts]);
    }

    private Expression? ParseItem(bool inGroup)
    {
        Expression item;
        switch (Current)
        {
            case '"':
                item = ParseText();
                break;
            case '[':
                item = ParseClass();
                break;
            case '.':
                _at++;
                item = new CharactersExpression(CharacterSet.All, CharacterForm.Plain);
                break;
            case '(':
                _at++;
                SkipSpace(lines: true);
                item = ParseChoice(inGroup: true);
                if (IsAtEnd || Current != ')')
                {
                    throw Bad("expected a )");
                }

                _at++;
                break;
            case '<' or '!':
                throw GrammarException.UnsupportedGrammar("a token", _at);
            case '*' or '+' or '?' or '{':
                throw Bad("a quantifier with nothing before it");
            default:
                if (!IsNameCharacter(Current))
                {
                    return null;
                }

                int position = _at;
                string name = ReadName();
                _firstUse.TryAdd(name, position);
                item = Expression.Call(RuleFor(name));
                break;
        }

        SkipSpace(inGroup);
        int quantifiers = 0;
        while (!IsAtEnd && ReadQuantifier() is Quantifier quantifier)
        {
            // Each is a level of nesting, as a group is.
            if (++quantifiers > GrammarLimits.Quantifiers)
            {
                throw GrammarException.TooComplex($"more than {GrammarLimits.Quantifiers} quantifiers in a row", "fewer");
            }

            item = Expression.Repeat(item, quantifier.Least, quantifier.Most);
            SkipSpace(inGroup);
        }

        return item;
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
            case '{':
                _at++;
                SkipSpace(lines: false);
                int? least = ReadNumber();
                SkipSpace(lines: false);
                int? most = least;
                if (!IsAtEnd && Current == ',')
                {
                    _at++;
                    SkipSpace(lines: false);
                    most = ReadNumber();
                    SkipSpace(lines: false);
                }
                else if (least is null)
                {
                    throw Bad("expected a number");
                }

                if (IsAtEnd || Current != '}' || most < least)
                {
                    throw Bad(most < least ? "the numbers of a repetition are out of order" : "expected a }");
                }

                _at++;
                return new Quantifier(least ?? 0, most);
            default:
                return null;
        }
    }

    private int? ReadNumber()
    {
        int start = _at;
        while (!IsAtEnd && char.IsAsciiDigit(Current))
        {
            _at++;
        }

        if (start == _at)
        {
            return null;
        }

        return int.TryParse(text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= GrammarLimits.Repetitions
            ? number
            : throw GrammarException.TooComplex($"something is repeated {text[start..Math.Min(_at, start + 20)]} times", $"at most {GrammarLimits.Repetitions}");
    }

    private Expression ParseText()
    {
        _at++;
        StringBuilder literal = new();
        while (true)
        {
            if (IsAtEnd)
            {
                throw Bad("a text without its closing quote");
            }

            if (Current == '"')
            {
                _at++;
                return Expression.Literal(literal.ToString());
            }

            literal.Append(ReadCharacter());
        }
    }

    private CharactersExpression ParseClass()
    {
        _at++;
        bool negated = !IsAtEnd && Current == '^';
        _at += negated ? 1 : 0;
        List<(int, int)> ranges = [];
        while (true)
        {
            if (IsAtEnd)
            {
                throw Bad("a [ without its ]");
            }

            if (Current == ']')
            {
                _at++;
                CharacterSet set = CharacterSet.Of(ranges);
                return new CharactersExpression(negated ? set.Complement() : set, CharacterForm.Plain);
            }

            Rune low = ReadCharacter();
            Rune high = low;
            if (_at + 1 < text.Length && Current == '-' && text[_at + 1] != ']')
            {
                _at++;
                high = ReadCharacter();
            }

            ranges.Add(low <= high ? (low.Value, high.Value) : throw Bad("a range whose ends are out of order"));
        }
    }

    private Rune ReadCharacter()
    {
        if (Current != '\\')
        {
            if (!Rune.TryGetRuneAt(text, _at, out Rune rune))
            {
                throw Bad("half of a character");
            }

            _at += rune.Utf16SequenceLength;
            return rune;
        }

        if (++_at >= text.Length)
        {
            throw Bad("a \\ with nothing after it");
        }

        char letter = text[_at++];
        return letter switch
        {
            'x' => ReadHex(2),
            'u' => ReadHex(4),
            'U' => ReadHex(8),
            't' => new Rune('\t'),
            'r' => new Rune('\r'),
            'n' => new Rune('\n'),
            '\\' or '"' or '[' or ']' or '-' or '^' => new Rune(letter),
            _ => throw Bad($"the escape \\{letter}, which has no meaning"),
        };
    }

    private Rune ReadHex(int digits)
    {
        if (!HexDigits.TryRead(text.AsSpan(_at), digits, out Rune character))
        {
            throw Bad($"an escape without {digits} hexadecimal digits of a character");
        }

        _at += digits;
        return character;
    }

    private string ReadName()
    {
        int start = _at;
        while (!IsAtEnd && IsNameCharacter(Current))
        {
            _at++;
        }

        return _at > start ? text[start.._at] : throw Bad("expected the name of a rule");
    }

    private int RuleFor(string name)
    {
        if (!_rules.TryGetValue(name, out int rule))
        {
            rule = builder.AddRule(name);
            _rules.Add(name, rule);
        }

        return rule;
    }

    private void SkipSpace(bool lines)
    {
        while (!IsAtEnd)
        {
            if (Current == '#')
            {
                while (!IsAtEnd && Current is not ('\r' or '\n'))
                {
                    _at++;
                }
            }
            else if (Current is ' ' or '\t' || (lines && Current is '\r' or '\n'))
            {
                _at++;
            }
            else
            {
                return;
            }
        }
    }

    private static bool IsNameCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '_';

    private GrammarException Bad(string found) => GrammarException.BadGrammar(found, _at);
}
