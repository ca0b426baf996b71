using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Engine.Grammar;
using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Grammar.Schemas;

namespace Hearth.Engine.Output.Replies;

/// <summary>A tool whose calls are written as a grammar.</summary>
/// <param name="tool">The tool.</param>
/// <param name="grammar">What its calls are part of.</param>
internal sealed class CallTool(ReplyTool tool, CallGrammar grammar)
{
    private static readonly string[] s_scalars = ["string", "integer", "number", "boolean", "null"];
    private Expression? _json;

    internal ReplyTool Tool => tool;

    internal string Name => tool.Name;

    /// <summary>The arguments as a JSON object.</summary>
    /// <exception cref="GrammarException">The schema asks for what is not supported.</exception>
    internal Expression Json() => _json ??= Compile(ValueNotation.Json, compiler => Expression.Call(compiler.Compile(compiler.Expand(), JsonTypes.Object)));

    /// <summary>The arguments by what their schema comes to.</summary>
    /// <param name="notation">How values are written.</param>
    /// <param name="write">Writes them.</param>
    /// <exception cref="GrammarException">The schema asks for what is not supported.</exception>
    internal Expression Compile(ValueNotation notation, Func<SchemaCompiler, Expression> write)
    {
        // The parameters of a tool without any are an object without members.
        string schema = tool.Parameters?.ToJsonString() ?? """{"type":"object","properties":{}}""";
        if (schema.Length > GrammarLimits.SourceLength)
        {
            throw GrammarException.TooComplex($"a schema of {schema.Length} characters", $"at most {GrammarLimits.SourceLength}");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = GrammarLimits.Nesting });
            return write(new SchemaCompiler(document.RootElement, grammar.Builder, notation));
        }
        catch (JsonException exception)
        {
            throw GrammarException.NotJson(exception.Message);
        }
    }

    /// <summary>Writes its calls. Where its schema asks for what is not supported and it is not strict, only the names and types of its parameters
    /// are kept to.</summary>
    /// <exception cref="ToolSchemaException">It is strict.</exception>
    internal Expression Try(Func<CallTool, Expression> write)
    {
        try
        {
            return write(this);
        }
        catch (GrammarException exception) when (tool.IsStrict)
        {
            throw new ToolSchemaException(Name, exception);
        }
        catch (GrammarException)
        {
            return TryRelaxed(write);
        }
    }

    private Expression TryRelaxed(Func<CallTool, Expression> write)
    {
        try
        {
            return write(new CallTool(tool with { Parameters = Relaxed() }, grammar));
        }
        catch (GrammarException)
        {
            return write(new CallTool(tool with { Parameters = new JsonObject { ["type"] = "object" } }, grammar));
        }
    }

    private JsonObject Relaxed()
    {
        JsonObject properties = [];
        foreach ((string name, JsonNode? property) in tool.Parameters?["properties"] as JsonObject ?? [])
        {
            properties[name] = (property as JsonObject)?["type"] is JsonValue type && type.TryGetValue(out string? word) && s_scalars.Append("array").Append("object").Contains(word)
                ? new JsonObject { ["type"] = word }
                : new JsonObject();
        }

        return new JsonObject { ["type"] = "object", ["properties"] = properties };
    }
}
