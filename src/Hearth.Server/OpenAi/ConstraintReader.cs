using System.Text.Json;
using Hearth.Engine.Grammar;
using Hearth.Server.Chat;
using Hearth.Server.Errors;

namespace Hearth.Server.OpenAi;

/// <summary>Reads what the text of an answer must be: OpenAI's <c>response_format</c>, llama-server's <c>json_schema</c> and <c>grammar</c>.</summary>
internal static class ConstraintReader
{
    private const string ResponseFormat = "response_format";
    private const string Schema = "json_schema";
    private const string Grammar = "grammar";

    /// <summary>The constraint; null for any text.</summary>
    /// <param name="reader">The request.</param>
    /// <param name="lazy">How it begins.</param>
    public static GenerationConstraint? Read(RequestReader reader, LazyGrammar lazy)
    {
        GenerationConstraint? constraint = Read(reader, reader.Object(ResponseFormat), ResponseFormat);
        if (lazy.Triggers.Count > 0 && constraint is null)
        {
            throw ApiException.Invalid("'grammar_lazy' needs a 'grammar' or a 'json_schema'.", Grammar, "missing_required_parameter");
        }

        return constraint is null ? null : Compile(LazyGrammar.Field, () => ConstraintCache.Shared.Lazy(constraint, lazy.Triggers, lazy.Preserved));
    }

    /// <summary>The constraint, where the format is in a place of its own; null for any text.</summary>
    /// <param name="reader">The request.</param>
    /// <param name="format">The format; null for none.</param>
    /// <param name="path">The format's place.</param>
    public static GenerationConstraint? Read(RequestReader reader, RequestReader? format, string path)
    {
        List<(string Name, Func<GenerationConstraint?> Read)> given = [];
        if (format is not null)
        {
            given.Add((path, () => ReadFormat(format, path)));
        }

        if (reader.TryGet(Schema, out JsonElement schema))
        {
            given.Add((Schema, () => FromSchema(schema, reader.Path(Schema))));
        }

        if (reader.Text(Grammar) is string grammar && grammar.Length > 0)
        {
            given.Add((Grammar, () => Compile(Grammar, () => ConstraintCache.Shared.Gbnf(grammar))));
        }

        return given switch
        {
            [] => null,
            [(_, Func<GenerationConstraint?> read)] => read(),
            _ => throw ApiException.Invalid($"'{given[0].Name}' and '{given[1].Name}' cannot be used together.", given[1].Name, "invalid_value"),
        };
    }

    private static GenerationConstraint? ReadFormat(RequestReader format, string path)
    {
        GenerationConstraint? constraint = format.Text("type") switch
        {
            "text" => null,
            "json_object" => format.TryGet("schema", out JsonElement schema) ? FromSchema(schema, path) : ConstraintCache.Shared.JsonObject(),
            "json_schema" => ReadDescribed(format.Object("json_schema") ?? format, path),
            null => throw ApiException.Invalid($"'{path}.type' is missing: text, json_object or json_schema.", path, "missing_required_parameter"),
            string other => throw ApiException.Invalid($"'{path}.type' is '{other}'; expected text, json_object or json_schema.", path, "invalid_value"),
        };
        format.End();
        return constraint;
    }

    private static GenerationConstraint ReadDescribed(RequestReader described, string path)
    {
        described.Note("name", "description");
        described.Flag("strict");
        GenerationConstraint constraint = described.TryGet("schema", out JsonElement schema)
            ? FromSchema(schema, path)
            : throw ApiException.Invalid($"'{described.Path("schema")}' is missing.", path, "missing_required_parameter");
        described.Note("type");
        described.End();
        return constraint;
    }

    /// <summary>The constraint of a JSON Schema.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="parameter">The request's field that has it.</param>
    public static GenerationConstraint FromSchema(JsonElement schema, string parameter) => Compile(parameter, () => ConstraintCache.Shared.JsonSchema(schema.GetRawText()));

    private static GenerationConstraint Compile(string parameter, Func<GenerationConstraint> compile)
    {
        try
        {
            return compile();
        }
        catch (GrammarException exception)
        {
            throw ApiException.Invalid($"'{parameter}': {exception.Message}", parameter, parameter is Grammar or LazyGrammar.Field ? "invalid_grammar" : "invalid_json_schema");
        }
    }
}
