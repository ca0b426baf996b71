using System.Text.Json.Nodes;

namespace Hearth.EndToEnd.Tests.Soak;

/// <summary>What clients ask: every API, whole and streamed, of models that push each other out of memory.</summary>
internal static class SoakCases
{
    private const string Done = "[DONE]";
    private static readonly string[] s_questions = ["What is Hearth?", "How do I stream an answer?", "Which models can I run?", "How do I set a key?"];
    private static readonly string s_instructions = string.Concat(Enumerable.Repeat("You answer in few words, and only about this program. ", 12));

    /// <summary>The requests.</summary>
    /// <param name="caller">The model that calls tools.</param>
    /// <param name="embedder">The model that embeds.</param>
    public static IReadOnlyList<SoakCase> All(string caller, string embedder)
    {
        List<SoakCase> cases = [];
        foreach ((int index, string question) in s_questions.Index())
        {
            bool streams = index % 2 == 1;
            cases.Add(Chat($"chat {index}", Messages(question), streams));
            cases.Add(Chat($"shared beginning {index}", new JsonArray(Message("system", s_instructions), Message("user", question)), !streams));
        }

        cases.Add(new SoakCase("schema", "/v1/chat/completions", With(Chat(Messages("Is it free?"), 96), "response_format", Parse(
            """{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{"type":"object","properties":{"answer":{"type":"string","maxLength":12},"sure":{"type":"boolean"}},"required":["answer","sure"],"additionalProperties":false}}}"""))));
        cases.Add(new SoakCase("completion", "/v1/completions", Streamed(Parse("""{"model":"guide","prompt":"Hearth is","max_tokens":20,"temperature":0}""")), Done));
        cases.Add(new SoakCase("two choices", "/v1/completions", Parse("""{"model":"guide","prompt":"To begin","max_tokens":16,"temperature":0.8,"seed":7,"n":2}""")));
        cases.Add(new SoakCase("messages", "/v1/messages", Parse("""{"model":"guide","max_tokens":24,"temperature":0,"messages":[{"role":"user","content":"What is a token?"}]}""")));
        cases.Add(new SoakCase("messages streamed", "/v1/messages", Streamed(Parse("""{"model":"guide","max_tokens":24,"temperature":0,"messages":[{"role":"user","content":"What is a token?"}]}""")), "message_stop"));
        cases.Add(new SoakCase("ollama chat", "/api/chat", Parse("""{"model":"guide","options":{"temperature":0,"num_predict":24},"messages":[{"role":"user","content":"How do I pull a model?"}]}"""), "\"done\":true"));
        cases.Add(new SoakCase("ollama chat, gone at once", "/api/chat", Parse("""{"model":"guide","stream":false,"keep_alive":0,"options":{"temperature":0,"num_predict":8},"messages":[{"role":"user","content":"How do I pull a model?"}]}""")));
        cases.Add(new SoakCase("ollama generate", "/api/generate", Parse("""{"model":"guide","prompt":"What is a registry?","stream":false,"options":{"temperature":0,"num_predict":24}}""")));
        cases.Add(new SoakCase("llama-server", "/completion", Parse("""{"model":"guide","prompt":"The server","n_predict":20,"temperature":0}""")));
        cases.Add(new SoakCase("response", "/v1/responses", Parse("""{"model":"guide","input":"What is a context?","max_output_tokens":24,"temperature":0,"store":false}""")));
        cases.Add(new SoakCase("response streamed", "/v1/responses", Streamed(Parse("""{"model":"guide","input":"What is a context?","max_output_tokens":64,"temperature":0,"store":false}""")), "\"response.completed\""));
        cases.Add(new SoakCase("tool", "/v1/chat/completions", Tools(caller)));
        cases.Add(new SoakCase("tool streamed", "/v1/chat/completions", Streamed(Tools(caller)), Done));
        cases.Add(new SoakCase("embeddings", "/v1/embeddings", new JsonObject { ["model"] = embedder, ["input"] = new JsonArray("the first text", "another one") }));
        cases.Add(new SoakCase("ollama embed", "/api/embed", new JsonObject { ["model"] = embedder, ["input"] = "the first text" }));
        return cases;
    }

    /// <summary>A chat with a model that was pulled.</summary>
    public static SoakCase Pulled(string reference) => new($"pulled {reference}", "/v1/chat/completions", With(Chat(Messages("Say it."), 32), "model", reference));

    /// <summary>Requests that are wrong, each with the status that they get.</summary>
    public static IReadOnlyList<(SoakCase Case, int Status)> Broken { get; } =
    [
        (new SoakCase("no such model", "/v1/chat/completions", With(Chat(Messages("Hello"), 8), "model", "missing")), 404),
        (new SoakCase("no such field", "/v1/chat/completions", With(Chat(Messages("Hello"), 8), "colour", "red")), 400),
        (new SoakCase("no messages", "/v1/messages", Parse("""{"model":"guide","max_tokens":8,"messages":[]}""")), 400),
        (new SoakCase("too long", "/v1/completions", With(Parse("""{"model":"guide","max_tokens":8}"""), "prompt", string.Concat(Enumerable.Repeat("one more word ", 5000)))), 400),
        (new SoakCase("too large", "/v1/chat/completions", Chat(Messages(new string('a', 17 << 20)), 8)), 413),
        (new SoakCase("no schema", "/v1/chat/completions", With(Chat(Messages("Hello"), 8), "response_format", Parse("""{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"nothing"}}}"""))), 400),
    ];

    /// <summary>A response that is kept, after another one or after none.</summary>
    public static SoakCase Kept(string? previous) => new("response", "/v1/responses", With(
        Parse("""{"model":"guide","input":"What is a context?","max_output_tokens":24,"temperature":0}"""), "previous_response_id", previous));

    /// <summary>A long stream, to hang up on.</summary>
    public static SoakCase Endless { get; } = new("endless", "/v1/completions", Parse("""{"model":"guide","prompt":"Once","stream":true,"ignore_eos":true,"max_tokens":900}"""), Done);

    private static SoakCase Chat(string name, JsonArray messages, bool streams) =>
        new(name, "/v1/chat/completions", streams ? Streamed(Chat(messages, 24)) : Chat(messages, 24), streams ? Done : null);

    private static JsonObject Chat(JsonArray messages, int maxTokens) => new() { ["model"] = "guide", ["messages"] = messages, ["max_tokens"] = maxTokens, ["temperature"] = 0 };

    private static JsonObject Tools(string caller) => With(With(Chat(Messages("1.5 and 2"), 128), "model", caller), "tools", new JsonArray(Parse(
        """{"type":"function","function":{"name":"add","parameters":{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"number"}},"required":["a","b"]}}}""")));

    private static JsonArray Messages(string text) => new(Message("user", text));

    private static JsonObject Message(string role, string text) => new() { ["role"] = role, ["content"] = text };

    private static JsonObject Streamed(JsonObject body) => With(body, "stream", true);

    private static JsonObject With(JsonObject body, string name, JsonNode? value)
    {
        body[name] = value;
        return body;
    }

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
