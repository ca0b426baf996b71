using System.Text.Json;

namespace Hearth.Engine.Output.Replies;

/// <summary>Calls as JSON objects, under whatever names a format gives their parts.</summary>
internal static class JsonCalls
{
    /// <summary>Reads one call, or an array of calls.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="givesIds">Whether the model's ids are ids that later messages refer to.</param>
    internal static IEnumerable<Step> Read(CallReader reader, bool givesIds)
    {
        foreach (Step step in reader.Accept("["))
        {
            yield return step;
        }

        bool isArray = reader.Accepted;
        do
        {
            foreach (Step step in Object(reader, givesIds))
            {
                yield return step;
            }

            foreach (Step step in isArray ? reader.Accept(",") : [])
            {
                yield return step;
            }
        }
        while (isArray && reader.Accepted);

        foreach (Step step in isArray ? reader.Expect("]") : [])
        {
            yield return step;
        }
    }

    /// <summary>Reads one call. Its name, its arguments and its id may come in any order, and within an object <c>function</c>.</summary>
    /// <inheritdoc cref="Read" path="/param"/>
    internal static IEnumerable<Step> Object(CallReader reader, bool givesIds)
    {
        CallParts call = new() { Before = reader.Count };
        foreach (Step step in reader.Expect("{"))
        {
            yield return step;
        }

        do
        {
            foreach (Step step in reader.JsonText())
            {
                yield return step;
            }

            string key = reader.Text;
            foreach (Step step in reader.Expect(":").Concat(Value(reader, key, call, givesIds)).Concat(reader.Accept(",")))
            {
                yield return step;
            }
        }
        while (reader.Accepted);

        foreach (Step step in reader.Expect("}"))
        {
            yield return step;
        }

        if (reader.Count == call.Before && !(call.Name is string name && reader.Add(name, call.Arguments ?? "{}", givesIds ? call.Id : null)))
        {
            yield return Step.Broken;
        }
    }

    private static IEnumerable<Step> Value(CallReader reader, string key, CallParts call, bool givesIds)
    {
        foreach (Step step in reader.Peek())
        {
            yield return step;
        }

        bool isText = reader.Next == '"';
        bool isArguments = key is "arguments" or "parameters" or "args";
        if (isArguments && reader.Next == '{' && call.Name is string known && reader.Reply.Options.EarlyArguments)
        {
            foreach (Step step in reader.Arguments(known, givesIds ? call.Id : null))
            {
                yield return step;
            }
        }
        else if (key is "function" && !isText)
        {
            foreach (Step step in Object(reader, givesIds))
            {
                yield return step;
            }
        }
        else
        {
            foreach (Step step in isText ? reader.JsonText() : reader.Json())
            {
                yield return step;
            }

            if (!call.Take(key, reader.Text, isText) && reader.RequiresKnownTool)
            {
                yield return Step.Broken;
            }

            if (isArguments && !IsObject(reader.Text))
            {
                yield return Step.Broken;
            }
        }
    }

    /// <summary>Whether a text is a JSON object.</summary>
    internal static bool IsObject(string text)
    {
        try
        {
            using JsonDocument value = JsonDocument.Parse(text);
            return value.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private sealed class CallParts
    {
        internal int Before { get; init; }

        internal string? Name { get; private set; }

        internal string? Id { get; private set; }

        internal string? Arguments { get; private set; }

        internal bool Take(string key, string value, bool isText)
        {
            switch (key)
            {
                case "name" or "tool_name" or "function" when isText:
                    Name = value;
                    return true;
                case "arguments" or "parameters" or "args":
                    Arguments = value;
                    return true;
                case "id" or "tool_call_id" or "call_id":
                    Id = value;
                    return true;
                default:
                    return key is "type";
            }
        }
    }
}
