using System.Text.Json.Nodes;
using Hearth.Engine.Templates.Builtins;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Runtime;

/// <summary>What one rendering shares: its limits, its clock, its dictionary comparer and the line that runs.</summary>
internal sealed class RenderState
{
    private readonly TemplateRenderOptions _options;

    public RenderState(TemplateRenderOptions options, CancellationToken ct)
    {
        _options = options;
        Budget = new Budget(options, ct);
        KeyComparer = new ValueComparer(this);
    }

    public Budget Budget { get; }

    /// <summary>Python's equality and hash, for dictionary keys.</summary>
    public ValueComparer KeyComparer { get; }

    /// <summary>The line of the expression or statement that was started last.</summary>
    public int Line { get; set; }

    /// <summary>The time that <c>strftime_now</c> formats.</summary>
    public DateTimeOffset Now => _options.Clock.GetLocalNow();

    /// <summary>The variables that a template starts with: the globals, then the context's members over them.</summary>
    public Dictionary<string, Value> LoadContext(JsonObject context)
    {
        var variables = new Dictionary<string, Value>(Globals.All);
        var reader = new ContextReader(this, _options.TrustedVariables);
        foreach ((string name, JsonNode? node) in context)
        {
            variables[name] = reader.ReadVariable(name, node);
        }

        return variables;
    }
}
