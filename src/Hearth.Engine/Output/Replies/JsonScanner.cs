using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Hearth.Engine.Output.Replies;

/// <summary>
/// Checks a JSON value character by character (RFC 8259) and copies it. Control characters in strings, which models write and JSON
/// forbids, are copied as escapes.
/// </summary>
internal sealed partial class JsonScanner
{
    private const int MaxDepth = 60;
    private const int MaxWordLength = 512;
    private static readonly SearchValues<char> s_wordCharacters = SearchValues.Create("+-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    private readonly Stack<bool> _objects = new();
    private readonly StringBuilder _word = new();
    private State _state = State.Value;
    private bool _isKey;
    private int _code;
    private int _digits;
    private bool _needsLow;

    private enum State
    {
        Value,
        FirstItem,
        FirstKey,
        Key,
        Colon,
        AfterValue,
        Text,
        Escape,
        Code,
        Low,
        Word,
    }

    /// <summary>What a character does to the value.</summary>
    internal enum Result
    {
        /// <summary>It is part of it, and there is more to come.</summary>
        More,

        /// <summary>It is its last one.</summary>
        Complete,

        /// <summary>The value was complete before it.</summary>
        CompleteBefore,

        /// <summary>It makes it no JSON.</summary>
        Broken,
    }

    /// <summary>The value as far as it came.</summary>
    internal StringBuilder Output { get; } = new();

    /// <summary>Takes the next character.</summary>
    internal Result Push(char character)
    {
        switch (_state)
        {
            case State.Text:
                return PushText(character);
            case State.Escape or State.Code or State.Low:
                return PushEscape(character);
            case State.Word when s_wordCharacters.Contains(character) && _word.Length < MaxWordLength:
                _word.Append(character);
                Output.Append(character);
                return Result.More;
            case State.Word:
                return !IsWord(_word.ToString()) ? Result.Broken : EndValue() == Result.Complete ? Result.CompleteBefore : Push(character);
        }

        if (character is ' ' or '\t' or '\n' or '\r')
        {
            Output.Append(character);
            return Result.More;
        }

        Result result = PushStructure(character);
        if (result is Result.More or Result.Complete)
        {
            Output.Append(character);
        }

        return result;
    }

    /// <summary>Whether the value is complete if nothing follows: a number's end does not show otherwise.</summary>
    internal bool End() => _state == State.Word && _objects.Count == 0 && IsWord(_word.ToString());

    private Result PushStructure(char character)
    {
        switch (_state)
        {
            case State.FirstItem when character == ']':
                return Pop(isObject: false);
            case State.Value or State.FirstItem:
                return BeginValue(character);
            case State.FirstKey when character == '}':
                return Pop(isObject: true);
            case State.FirstKey or State.Key when character == '"':
                (_state, _isKey) = (State.Text, true);
                return Result.More;
            case State.Colon when character == ':':
                _state = State.Value;
                return Result.More;
            case State.AfterValue when character == ',':
                _state = _objects.Peek() ? State.Key : State.Value;
                return Result.More;
            case State.AfterValue when character is '}' or ']':
                return Pop(character == '}');
            default:
                return Result.Broken;
        }
    }

    private Result BeginValue(char character)
    {
        switch (character)
        {
            case '{' or '[' when _objects.Count < MaxDepth:
                _objects.Push(character == '{');
                _state = character == '{' ? State.FirstKey : State.FirstItem;
                return Result.More;
            case '"':
                (_state, _isKey) = (State.Text, false);
                return Result.More;
            case '-' or (>= '0' and <= '9') or 't' or 'f' or 'n':
                _word.Clear().Append(character);
                _state = State.Word;
                return Result.More;
            default:
                return Result.Broken;
        }
    }

    private Result PushText(char character)
    {
        switch (character)
        {
            case '"':
                Output.Append(character);
                if (!_isKey)
                {
                    return EndValue();
                }

                _state = State.Colon;
                return Result.More;
            case '\\':
                _state = State.Escape;
                break;
            case '\n':
                Output.Append("\\n");
                return Result.More;
            case '\r':
                Output.Append("\\r");
                return Result.More;
            case '\t':
                Output.Append("\\t");
                return Result.More;
            case < ' ':
                Output.Append($"\\u{(int)character:x4}");
                return Result.More;
        }

        Output.Append(character);
        return Result.More;
    }

    // A pair of surrogates is two escapes in a row; one alone is no text.
    private Result PushEscape(char character)
    {
        Output.Append(character);
        switch (_state)
        {
            case State.Low:
                (_state, _needsLow) = (State.Escape, true);
                return character == '\\' ? Result.More : Result.Broken;
            case State.Escape when character == 'u':
                (_state, _code, _digits) = (State.Code, 0, 0);
                return Result.More;
            case State.Escape:
                _state = State.Text;
                return !_needsLow && character is ('"' or '\\' or '/' or 'b' or 'f' or 'n' or 'r' or 't') ? Result.More : Result.Broken;
        }

        if (!char.IsAsciiHexDigit(character))
        {
            return Result.Broken;
        }

        _code = (_code << 4) | Convert.ToInt32(character.ToString(), 16);
        if (++_digits < 4)
        {
            return Result.More;
        }

        bool isLow = char.IsLowSurrogate((char)_code);
        if (isLow != _needsLow)
        {
            return Result.Broken;
        }

        _needsLow = false;
        _state = char.IsHighSurrogate((char)_code) ? State.Low : State.Text;
        return Result.More;
    }

    private Result Pop(bool isObject) => _objects.TryPeek(out bool top) && top == isObject && _objects.Pop() == isObject ? EndValue() : Result.Broken;

    private Result EndValue()
    {
        _state = State.AfterValue;
        return _objects.Count == 0 ? Result.Complete : Result.More;
    }

    private static bool IsWord(string word) => word is "true" or "false" or "null" || Number().IsMatch(word);

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z")]
    private static partial Regex Number();
}
