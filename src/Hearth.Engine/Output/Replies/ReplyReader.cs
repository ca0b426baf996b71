using System.Diagnostics.CodeAnalysis;

namespace Hearth.Engine.Output.Replies;

/// <summary>A reply that is being read: the text so far, and the events that were found in it.</summary>
internal sealed class ReplyReader(ReplyOptions options)
{
    private readonly Dictionary<string, ReplyTool> _tools = ByName(options.Tools);
    private List<ReplyEvent> _events = [];

    internal ReplyOptions Options => options;

    internal ReplyInput Input { get; } = new();

    internal bool IsReasoning { get; set; }

    /// <summary>Calls that have begun.</summary>
    internal int Calls { get; private set; }

    internal bool IsTool(string name) => _tools.ContainsKey(name);

    internal bool TryGetTool(string name, [NotNullWhen(true)] out ReplyTool? tool) => _tools.TryGetValue(name, out tool);

    internal List<ReplyEvent> TakeEvents()
    {
        List<ReplyEvent> events = _events;
        _events = events.Count > 0 ? [] : events;
        return events;
    }

    internal void Content(int from, int to)
    {
        if (to > from)
        {
            _events.Add(new ReplyContent(Input.Slice(from, to).ToString(), from));
        }
    }

    internal void Reasoning(int from, int to)
    {
        if (to > from)
        {
            _events.Add(new ReplyReasoning(Input.Slice(from, to).ToString()));
        }
    }

    internal void StartCall(string? id, string name) => _events.Add(new ReplyCallStarted(Calls++, id, name));

    internal void Arguments(string json)
    {
        if (json.Length > 0)
        {
            _events.Add(new ReplyCallArguments(Calls - 1, json));
        }
    }

    internal void EndCall(bool isComplete) => _events.Add(new ReplyCallEnded(Calls - 1, isComplete));

    private static Dictionary<string, ReplyTool> ByName(IReadOnlyList<ReplyTool> tools)
    {
        Dictionary<string, ReplyTool> byName = [];
        foreach (ReplyTool tool in tools)
        {
            byName.TryAdd(tool.Name, tool);
        }

        return byName;
    }
}
