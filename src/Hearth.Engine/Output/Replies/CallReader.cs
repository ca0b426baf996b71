using System.Text.Json;

namespace Hearth.Engine.Output.Replies;

/// <summary>
/// Reads tool calls: what a <see cref="ToolSyntax"/> is written with. Each reading method is a coroutine; when it has ended, it was
/// successful, and its result is in <see cref="Text"/> or <see cref="Accepted"/>.
/// </summary>
/// <param name="reader">The reply.</param>
/// <param name="position">Where to begin.</param>
/// <param name="requiresKnownTool">Whether a call of a tool that was not offered is no call.</param>
internal sealed class CallReader(ReplyReader reader, int position, bool requiresKnownTool)
{
    /// <summary>The longest name, id or key in characters; what is longer is no call.</summary>
    internal const int MaxName = 256;

    private readonly ReplyInput _input = reader.Input;
    private bool _isOpen;

    /// <summary>Where it is.</summary>
    internal int Position { get; private set; } = position;

    /// <summary>Where the last call ended, or broke off.</summary>
    internal int End { get; private set; }

    /// <summary>Calls that were read.</summary>
    internal int Count { get; private set; }

    /// <summary>The text that was read last.</summary>
    internal string Text { get; private set; } = "";

    /// <summary>Whether the text that was looked for last was there.</summary>
    internal bool Accepted { get; private set; }

    /// <summary>The character that <see cref="Peek"/> found; 0 at the end of the reply.</summary>
    internal char Next { get; private set; }

    /// <summary>Whether a call of a tool that was not offered is no call.</summary>
    internal bool RequiresKnownTool => requiresKnownTool;

    internal ReplyReader Reply => reader;

    /// <summary>Looks at the next character that is no white space: <see cref="Next"/>.</summary>
    internal IEnumerable<Step> Peek()
    {
        foreach (Step step in SkipSpace())
        {
            yield return step;
        }

        Next = Position < _input.Length ? _input[Position] : '\0';
    }

    /// <summary>Reads all that is left of the reply.</summary>
    internal IEnumerable<Step> Rest()
    {
        while (!_input.IsAtEnd)
        {
            yield return Step.NeedsText;
        }

        Text = _input.Slice(Position, _input.Length).ToString();
        Position = _input.Length;
    }

    /// <summary>Reads a name up to one of some characters, or to the end of the reply.</summary>
    internal IEnumerable<Step> NameBefore(string stops)
    {
        int end = Position;
        while (true)
        {
            while (end < _input.Length && !stops.Contains(_input[end], StringComparison.Ordinal))
            {
                end++;
            }

            if (end - Position > MaxName)
            {
                yield return Step.Broken;
            }

            if (end < _input.Length || _input.IsAtEnd)
            {
                break;
            }

            yield return Step.NeedsText;
        }

        Text = _input.Slice(Position, end).Trim().ToString();
        Position = end;
        if (!IsName(Text))
        {
            yield return Step.Broken;
        }
    }

    internal IEnumerable<Step> SkipSpace()
    {
        while (true)
        {
            while (Position < _input.Length && char.IsWhiteSpace(_input[Position]))
            {
                Position++;
            }

            if (Position < _input.Length || _input.IsAtEnd)
            {
                yield break;
            }

            yield return Step.NeedsText;
        }
    }

    /// <summary>Reads a text if it comes next, after white space.</summary>
    internal IEnumerable<Step> Accept(string text)
    {
        foreach (Step step in SkipSpace())
        {
            yield return step;
        }

        while (true)
        {
            int length = Math.Min(text.Length, _input.Length - Position);
            bool fits = _input.Slice(Position, Position + length).SequenceEqual(text.AsSpan(0, length));
            if (fits && length < text.Length && !_input.IsAtEnd)
            {
                yield return Step.NeedsText;
                continue;
            }

            Accepted = fits && length == text.Length;
            Position += Accepted ? length : 0;
            yield break;
        }
    }

    /// <summary>Reads a text that must come next, after white space.</summary>
    internal IEnumerable<Step> Expect(string text)
    {
        foreach (Step step in Accept(text))
        {
            yield return step;
        }

        if (!Accepted)
        {
            yield return Step.Broken;
        }
    }

    /// <summary>Looks whether the next character is this one, with no white space in front of it.</summary>
    internal IEnumerable<Step> ExpectAtOnce(char character)
    {
        while (Position == _input.Length && !_input.IsAtEnd)
        {
            yield return Step.NeedsText;
        }

        if (Position == _input.Length || _input[Position] != character)
        {
            yield return Step.Broken;
        }
    }

    /// <summary>Reads <see cref="Text"/> until a mark, and the mark.</summary>
    internal IEnumerable<Step> Until(string mark, int maxLength = int.MaxValue)
    {
        int searched = Position;
        while (true)
        {
            int found = _input.Slice(searched, _input.Length).IndexOf(mark);
            if (found >= 0 && searched + found - Position <= maxLength)
            {
                Text = _input.Slice(Position, searched + found).ToString();
                Position = searched + found + mark.Length;
                yield break;
            }

            searched = Math.Max(searched, _input.Length - mark.Length + 1);
            if (found >= 0 || searched - Position > maxLength)
            {
                yield return Step.Broken;
            }

            yield return Step.NeedsText;
        }
    }

    /// <summary>Reads a name until a mark: one line, not too long, not empty.</summary>
    internal IEnumerable<Step> Name(string mark)
    {
        foreach (Step step in Until(mark, MaxName))
        {
            yield return step;
        }

        Text = Text.Trim();
        if (!IsName(Text))
        {
            yield return Step.Broken;
        }
    }

    /// <summary>Reads a JSON value, after white space.</summary>
    internal IEnumerable<Step> Json()
    {
        JsonScanner scanner = new();
        foreach (Step step in SkipSpace())
        {
            yield return step;
        }

        foreach (Step step in Scan(scanner, early: false))
        {
            yield return step;
        }

        Text = scanner.Output.ToString();
    }

    /// <summary>Reads a JSON string, and what it says.</summary>
    internal IEnumerable<Step> JsonText()
    {
        foreach (Step step in Json())
        {
            yield return step;
        }

        using JsonDocument value = JsonDocument.Parse(Text);
        if (value.RootElement.ValueKind != JsonValueKind.String)
        {
            yield return Step.Broken;
        }

        Text = value.RootElement.GetString()!;
    }

    /// <summary>Reads the arguments of a call as a JSON object, which ends the call.</summary>
    internal IEnumerable<Step> Arguments(string name, string? id = null)
    {
        foreach (Step step in Peek())
        {
            yield return step;
        }

        if (Next != '{' || !MayCall(name))
        {
            yield return Step.Broken;
        }

        JsonScanner scanner = new();
        if (reader.Options.EarlyArguments)
        {
            Begin(name, id);
        }

        foreach (Step step in Scan(scanner, reader.Options.EarlyArguments))
        {
            yield return step;
        }

        if (!_isOpen)
        {
            Begin(name, id);
            reader.Arguments(scanner.Output.ToString());
        }

        Complete();
    }

    /// <summary>Adds a call whose arguments were read before.</summary>
    /// <returns>False for a call that is none.</returns>
    internal bool Add(string name, string arguments, string? id = null)
    {
        if (!MayCall(name))
        {
            return false;
        }

        Begin(name, id);
        reader.Arguments(arguments);
        Complete();
        return true;
    }

    /// <summary>Ends a call that has begun and cannot be read to its end.</summary>
    internal void BreakOff()
    {
        if (_isOpen)
        {
            reader.EndCall(isComplete: false);
            End = Position;
            _isOpen = false;
        }
    }

    internal static bool IsName(string text) => text.Length is > 0 and <= MaxName && !text.AsSpan().ContainsAnyInRange('\0', ' ') && !text.Contains('<', StringComparison.Ordinal);

    private bool MayCall(string name) => IsName(name) && (!requiresKnownTool || reader.IsTool(name));

    private void Begin(string name, string? id)
    {
        _isOpen = true;
        Count++;
        reader.StartCall(id, name);
    }

    private void Complete()
    {
        reader.EndCall(isComplete: true);
        End = Position;
        _isOpen = false;
    }

    private IEnumerable<Step> Scan(JsonScanner scanner, bool early)
    {
        while (true)
        {
            while (Position < _input.Length)
            {
                JsonScanner.Result result = scanner.Push(_input[Position]);
                Position += result is JsonScanner.Result.More or JsonScanner.Result.Complete ? 1 : 0;
                if (result == JsonScanner.Result.More)
                {
                    continue;
                }

                Give(scanner, early);
                if (result == JsonScanner.Result.Broken)
                {
                    yield return Step.Broken;
                }

                yield break;
            }

            Give(scanner, early);
            if (_input.IsAtEnd && scanner.End())
            {
                yield break;
            }

            yield return Step.NeedsText;
        }
    }

    private void Give(JsonScanner scanner, bool early)
    {
        if (early)
        {
            reader.Arguments(scanner.Output.ToString());
            scanner.Output.Clear();
        }
    }
}
