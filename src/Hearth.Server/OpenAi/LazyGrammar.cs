using System.Text.Json;
using Hearth.Engine.Grammar;
using Hearth.Server.Errors;

namespace Hearth.Server.OpenAi;

/// <summary>llama-server's <c>grammar_lazy</c>, <c>grammar_triggers</c> and <c>preserved_tokens</c>.</summary>
/// <param name="Triggers">What the grammar begins with where it is lazy; empty where it is not.</param>
/// <param name="Preserved">Texts of control tokens that are text in the answer, those of triggers included.</param>
internal sealed record LazyGrammar(IReadOnlyList<ConstraintTrigger> Triggers, IReadOnlyList<string> Preserved)
{
    /// <summary>The field of triggers.</summary>
    public const string Field = "grammar_triggers";

    private const string PreservedField = "preserved_tokens";
    private const int MaxTriggers = 64;

    // In the order of llama-server's numbers.
    private static readonly string[] s_types = ["token", "word", "pattern", "pattern_full"];

    public static LazyGrammar Read(RequestReader reader)
    {
        bool isLazy = reader.Flag("grammar_lazy") ?? false;
        List<(ConstraintTrigger Trigger, bool IsToken)> triggers = ReadTriggers(reader);
        if (isLazy && triggers.Count == 0)
        {
            throw ApiException.Invalid($"'grammar_lazy' needs '{Field}': what the grammar begins with.", Field, "missing_required_parameter");
        }

        if (!isLazy && triggers.Count > 0)
        {
            throw ApiException.Invalid($"'{Field}' need 'grammar_lazy' to be true.", Field, "invalid_value");
        }

        string[] preserved = [.. reader.Texts(PreservedField, MaxTriggers), .. triggers.Where(trigger => trigger.IsToken).Select(trigger => trigger.Trigger.Text)];
        return preserved.Contains(string.Empty)
            ? throw ApiException.Invalid($"'{PreservedField}' has an empty string.", PreservedField, "invalid_value")
            : new LazyGrammar([.. triggers.Select(trigger => trigger.Trigger)], preserved);
    }

    private static List<(ConstraintTrigger Trigger, bool IsToken)> ReadTriggers(RequestReader reader)
    {
        if (!reader.TryGet(Field, out JsonElement value))
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > MaxTriggers)
        {
            throw reader.Wrong(Field, $"an array of at most {MaxTriggers} triggers", value);
        }

        return [.. value.EnumerateArray().Select((trigger, index) => ReadTrigger(new RequestReader(trigger, $"{reader.Path(Field)}[{index}]")))];
    }

    private static (ConstraintTrigger Trigger, bool IsToken) ReadTrigger(RequestReader reader)
    {
        string type = ReadType(reader);
        reader.Note("token");
        string text = reader.RequiredText("value", type == "token" ? "the token's text" : "what begins the grammar");
        reader.End();
        if (type == "pattern_full")
        {
            throw ApiException.Unsupported(reader.Path("type"), $"'{reader.Path("type")}' is 'pattern_full', which is not supported: use word, token or pattern.");
        }

        return (new ConstraintTrigger(text, IsPattern: type == "pattern"), type == "token");
    }

    private static string ReadType(RequestReader reader)
    {
        const string Name = "type";
        if (!reader.TryGet(Name, out JsonElement value))
        {
            throw ApiException.Invalid($"'{reader.Path(Name)}' is missing: word, token or pattern.", reader.Path(Name), "missing_required_parameter");
        }

        string? type = value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= 0 && number < s_types.Length ? s_types[number]
            : value.ValueKind == JsonValueKind.String ? reader.Text(value, Name) : null;
        return s_types.Contains(type) ? type! : throw reader.Wrong(Name, "word, token or pattern", value);
    }
}
