namespace Hearth.Engine.Output;

/// <summary>
/// Ends a stream of text at the first stop string, however the text is cut into pieces. Text that could be the start of a stop string is
/// held back until it is known not to be. The stop string and all that follows is dropped.
/// </summary>
/// <remarks>
/// The first stop string is the one that is complete first; of several that end at the same character, the longest. All strings are
/// looked for at once with an automaton (Aho and Corasick, 1975), in time linear in the text.
/// </remarks>
public sealed class StopMatcher
{
    private readonly StopAutomaton? _automaton;
    private readonly HeldText _held = new();
    private int _state;

    /// <summary>Creates a matcher.</summary>
    /// <param name="stops">The stop strings; none matches nothing.</param>
    /// <exception cref="ArgumentException">A stop string is empty.</exception>
    public StopMatcher(IReadOnlyList<string> stops)
    {
        ArgumentNullException.ThrowIfNull(stops);
        foreach (var stop in stops)
        {
            if (string.IsNullOrEmpty(stop))
            {
                throw new ArgumentException("A stop string is empty; expected at least one character.", nameof(stops));
            }
        }

        _automaton = stops.Count > 0 ? new StopAutomaton(stops) : null;
    }

    /// <summary>Whether a stop string was found. From then on <see cref="Append"/> and <see cref="Flush"/> return nothing.</summary>
    public bool IsStopped => Matched is not null;

    /// <summary>The stop string that was found.</summary>
    public string? Matched { get; private set; }

    /// <summary>How many characters are held back.</summary>
    public int HeldLength => _held.Length;

    /// <summary>Adds text and returns what is now safe to emit.</summary>
    public string Append(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (IsStopped)
        {
            return "";
        }

        if (_automaton is null)
        {
            return text;
        }

        for (var i = 0; i < text.Length; i++)
        {
            _state = _automaton.Next(_state, text[i]);
            if (_automaton.Match(_state) is { } stop)
            {
                Matched = stop;
                _held.Append(text.AsSpan(0, i + 1));
                var emitted = _held.Take(_held.Length - stop.Length);
                _held.Clear();
                return emitted;
            }
        }

        var hold = _automaton.Depth(_state);
        if (hold == 0 && _held.Length == 0)
        {
            return text;
        }

        _held.Append(text);
        return _held.Take(_held.Length - hold);
    }

    /// <summary>Returns what was held back: the text has ended.</summary>
    public string Flush()
    {
        _state = 0;
        return _held.Take(_held.Length);
    }
}
