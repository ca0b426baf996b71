namespace Hearth.Engine.Output.Replies;

/// <summary>
/// Gives the text of a reply as it comes, up to marks that are looked for. White space between a mark and the text beside it belongs to the
/// mark, so that the end of the text is held back while it is white space or the beginning of a mark.
/// </summary>
internal sealed class MarkedText(ReplyReader reader)
{
    private readonly ReplyInput _input = reader.Input;
    private int _given;
    private int _solid;
    private bool _hasGiven;
    private bool _isLineStart = true;

    /// <summary>Where it is.</summary>
    internal int Position { get; private set; }

    /// <summary>The mark that was found; empty for a call without one; null at the end of the reply.</summary>
    internal string? Found { get; private set; }

    /// <summary>Where that begins.</summary>
    internal int FoundAt { get; private set; }

    /// <summary>Whether there was text of the answer so far, given or not: how a reply is cut must not matter.</summary>
    internal bool HasContent => _hasGiven || _solid > _given;

    /// <summary>Whether there was no text since the last mark.</summary>
    internal bool IsAfterMark { get; private set; }

    /// <summary>Gives text until a mark, or until the end.</summary>
    /// <param name="marks">The marks.</param>
    /// <param name="isReasoning">Whether the text is reasoning.</param>
    /// <param name="isBare">Whether a character at the beginning of a line begins a call without a mark.</param>
    internal IEnumerable<Step> Until(StopAutomaton marks, bool isReasoning, Func<char, bool>? isBare = null)
    {
        int state = 0;
        Found = null;
        while (true)
        {
            while (Position < _input.Length)
            {
                char character = _input[Position];
                if (isBare is not null && _isLineStart && isBare(character))
                {
                    Find(string.Empty, isReasoning);
                    yield break;
                }

                Position++;
                state = marks.Next(state, character);
                if (!char.IsWhiteSpace(character))
                {
                    _solid = Position;
                    _isLineStart = false;
                }
                else if (character == '\n')
                {
                    _isLineStart = true;
                }

                if (marks.Match(state) is string mark)
                {
                    Find(mark, isReasoning);
                    yield break;
                }
            }

            if (_input.IsAtEnd)
            {
                Give(_input.Length, isReasoning, isEnd: true);
                yield break;
            }

            Give(Position - marks.Depth(state), isReasoning, isEnd: false);
            yield return Step.NeedsText;
        }
    }

    /// <summary>Goes on after a mark, or what it opened: neither is text.</summary>
    internal void SkipTo(int position)
    {
        Position = position;
        _given = position;
        _solid = position;
        IsAfterMark = true;
        _isLineStart = true;
    }

    /// <summary>Goes on at an offset; what is before it and was not given yet is text.</summary>
    internal void KeepTo(int position)
    {
        Position = position;
        _solid = position;
        _isLineStart = false;
    }

    private void Find(string mark, bool isReasoning)
    {
        Found = mark;
        FoundAt = Position - mark.Length;
        _solid = Math.Min(_solid, FoundAt);
        while (_solid > _given && char.IsWhiteSpace(_input[_solid - 1]))
        {
            _solid--;
        }

        Give(FoundAt, isReasoning, isEnd: false);
    }

    private void Give(int end, bool isReasoning, bool isEnd)
    {
        while (IsAfterMark && _given < end && char.IsWhiteSpace(_input[_given]))
        {
            _given++;
        }

        int to = Math.Min(end, _solid);
        while (to > _given && char.IsWhiteSpace(_input[to - 1]))
        {
            to--;
        }

        to = isEnd && !isReasoning ? end : to;
        if (to > _given)
        {
            IsAfterMark = false;
            if (isReasoning)
            {
                reader.Reasoning(_given, to);
            }
            else
            {
                _hasGiven = true;
                reader.Content(_given, to);
            }

            _given = to;
        }

        _input.Forget(_given);
    }
}
