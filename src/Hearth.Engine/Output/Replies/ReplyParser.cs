namespace Hearth.Engine.Output.Replies;

/// <summary>
/// Splits a reply into text, reasoning and tool calls while it is made, however it is cut into pieces. Text is given as soon as it cannot
/// be the beginning of a mark any more. What looks like a call and is none is text: no reply is ever an error. For one reply, from one
/// thread at a time.
/// </summary>
public sealed class ReplyParser
{
    private readonly ReplyReader _reader;
    private readonly IEnumerator<Step> _steps;
    private bool _ended;

    internal ReplyParser(ReplyFormat format, ReplyOptions options)
    {
        _reader = new ReplyReader(options);
        _steps = format.Read(_reader).GetEnumerator();
        Run();
    }

    /// <summary>Whether what comes next is reasoning, as far as is known.</summary>
    public bool IsReasoning => _reader.IsReasoning;

    /// <summary>Adds text and returns what is certain now.</summary>
    public IReadOnlyList<ReplyEvent> Append(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (_ended || text.Length == 0)
        {
            return [];
        }

        _reader.Input.Append(text);
        return Run();
    }

    /// <summary>Ends the reply and returns what was held back.</summary>
    public IReadOnlyList<ReplyEvent> Finish()
    {
        if (_ended)
        {
            return [];
        }

        _ended = true;
        _reader.Input.End();
        return Run();
    }

    private List<ReplyEvent> Run()
    {
        _steps.MoveNext();
        return _reader.TakeEvents();
    }
}
