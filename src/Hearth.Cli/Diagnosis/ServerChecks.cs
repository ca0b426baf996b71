using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hearth.Cli.Diagnosis;

/// <summary>Asks a server what programs for OpenAI's API ask, and says what it can.</summary>
internal sealed class ServerChecks : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_clockDifference = TimeSpan.FromMinutes(5);
    private static readonly string[] s_texts = ["content", "reasoning_content", "reasoning"];
    private readonly Uri _base;
    private readonly TimeProvider _time;
    private readonly HttpClient _client;

    /// <param name="url">The server, with or without the <c>/v1</c> that paths begin with.</param>
    /// <param name="handler">What sends requests to it; ended with this.</param>
    /// <param name="key">The key to show; null for none.</param>
    /// <param name="time">The clock.</param>
    public ServerChecks(Uri url, HttpMessageHandler handler, string? key, TimeProvider time)
    {
        string path = url.AbsolutePath.TrimEnd('/');
        _base = new Uri(url, path.EndsWith("/v1", StringComparison.Ordinal) ? $"{path}/" : $"{path}/v1/");
        _time = time;
        _client = new HttpClient(handler) { Timeout = s_patience, MaxResponseContentBufferSize = 16 << 20 };
        if (key is not null)
        {
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Asks everything; ends early where nothing more can be asked.</summary>
    /// <param name="model">The model to ask; null for the first of the list.</param>
    /// <param name="embedder">The model to embed with; null for the same.</param>
    /// <param name="cancellationToken">Ends the questions.</param>
    public async Task<IReadOnlyList<Finding>> RunAsync(string? model, string? embedder, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        string[] models;
        try
        {
            using HttpResponseMessage response = await _client.GetAsync(new Uri(_base, "models"), cancellationToken);
            string text = await response.Content.ReadAsStringAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                findings.Add(Finding.Failed("reachable", $"{_base}models answers {(int)response.StatusCode}", (int)response.StatusCode is 401 or 403
                    ? "Set HEARTH_API_KEY to a key of this server."
                    : "Give the address that programs for OpenAI's API use, such as http://127.0.0.1:12434/v1."));
                return findings;
            }

            findings.Add(Finding.Ok("reachable", $"{_base}"));
            if (response.Headers.Date is DateTimeOffset there && (_time.GetUtcNow() - there).Duration() > s_clockDifference)
            {
                findings.Add(Finding.Warning("clocks", $"the server's says {there:u}, this machine's {_time.GetUtcNow():u}", "Set the one that is wrong."));
            }

            models = Names(JsonNode.Parse(text));
        }
        catch (Exception exception) when (IsOfServer(exception, cancellationToken))
        {
            findings.Add(Finding.Failed("reachable", $"{_base}models: {exception.Message}", "Start the server, or correct the address."));
            return findings;
        }

        if (models.Length == 0 && model is null)
        {
            findings.Add(Finding.Failed("models", "there is none", "Let the server have a model, for example with 'hearth pull'; or name one with --model."));
            return findings;
        }

        findings.Add(Finding.Ok("models", models.Length == 1 ? models[0] : $"{models.Length}, {string.Join(", ", models.Take(5))}{(models.Length > 5 ? ", ..." : string.Empty)}"));
        model ??= models[0];
        JsonNode? chat = null;
        findings.Add(await CheckAsync("chat", FindingState.Failed, "Name a model for chats with --model.", async () =>
        {
            chat = await PostAsync("chat/completions", Chat(model, "Say hello.", 16), cancellationToken);
            JsonNode message = Need(chat["choices"]?[0]?["message"], "choices[0].message");
            return Text(message) is { Length: > 0 } text ? $"{model} says \"{Shorten(text)}\"" : throw new FormatException("the message is empty");
        }));
        if (chat is null)
        {
            return findings;
        }

        findings.Add(await CheckAsync("usage", FindingState.Warning, "Programs that count tokens get no numbers from this server.", () =>
        {
            int prompt = Number(chat["usage"]?["prompt_tokens"], "usage.prompt_tokens"), completion = Number(chat["usage"]?["completion_tokens"], "usage.completion_tokens");
            return prompt > 0 && completion > 0 && Number(chat["usage"]?["total_tokens"], "usage.total_tokens") == prompt + completion
                ? Task.FromResult($"{prompt} + {completion} tokens")
                : throw new FormatException($"{prompt} + {completion} tokens are not {chat["usage"]?["total_tokens"]}");
        }));
        findings.Add(await CheckAsync("stream", FindingState.Failed, "Programs that show answers as they come do not work with this server.", () => StreamAsync(model, cancellationToken)));
        findings.Add(await CheckAsync("logprobs", FindingState.Warning, "Programs that rate answers do not work with this server.", async () =>
        {
            JsonObject body = Chat(model, "Say hello.", 4);
            body["logprobs"] = true;
            body["top_logprobs"] = 2;
            JsonNode answer = await PostAsync("chat/completions", body, cancellationToken);
            JsonArray tokens = Need(answer["choices"]?[0]?["logprobs"]?["content"] as JsonArray, "choices[0].logprobs.content");
            return tokens.Count > 0 && tokens[0]?["top_logprobs"] is JsonArray { Count: > 0 } top ? $"{top.Count} for a token" : throw new FormatException("there are no top_logprobs");
        }));
        findings.Add(await CheckAsync("schema", FindingState.Warning, "Programs that want JSON of a schema must check it themselves.", async () =>
        {
            JsonObject body = Chat(model, "Is water wet? Answer in JSON.", 128);
            body["response_format"] = JsonNode.Parse("""{"type": "json_schema", "json_schema": {"name": "answer", "strict": true, "schema": {"type": "object", "properties": {"answer": {"enum": ["yes", "no"]}}, "required": ["answer"], "additionalProperties": false}}}""");
            JsonNode answer = await PostAsync("chat/completions", body, cancellationToken);
            string text = answer["choices"]?[0]?["message"]?["content"]?.GetValue<string>() ?? string.Empty;
            return JsonNode.Parse(text)?["answer"]?.GetValue<string>() is "yes" or "no" ? Shorten(text) : throw new FormatException($"\"{Shorten(text)}\" is not of the schema");
        }));
        findings.Add(await CheckAsync("tools", FindingState.Warning, "Agents do not work with this model or server.", async () =>
        {
            JsonObject body = Chat(model, "What is the weather in Oslo?", 256);
            body["tools"] = JsonNode.Parse("""[{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"enum": ["Oslo", "Rome"]}}, "required": ["city"], "additionalProperties": false}}}]""");
            body["tool_choice"] = "required";
            JsonNode answer = await PostAsync("chat/completions", body, cancellationToken);
            JsonNode call = Need(answer["choices"]?[0]?["message"]?["tool_calls"]?[0]?["function"], "choices[0].message.tool_calls[0].function");
            string arguments = Need(call["arguments"], "arguments").GetValue<string>();
            return call["name"]?.GetValue<string>() == "get_weather" && JsonNode.Parse(arguments) is JsonObject ? $"get_weather({Shorten(arguments)})" : throw new FormatException($"the call is {Shorten(call.ToJsonString())}");
        }));
        findings.Add(await CheckAsync("embeddings", FindingState.Warning, "Name a model for embeddings with --embedding-model, where there is one.", async () =>
        {
            JsonNode answer = await PostAsync("embeddings", new JsonObject { ["model"] = embedder ?? model, ["input"] = "hello" }, cancellationToken);
            return answer["data"]?[0]?["embedding"] is JsonArray { Count: > 0 } vector ? $"{vector.Count} numbers" : throw new FormatException("there is no data[0].embedding");
        }));
        return findings;
    }

    private async Task<string> StreamAsync(string model, CancellationToken cancellationToken)
    {
        JsonObject body = Chat(model, "Say hello.", 16);
        body["stream"] = true;
        body["stream_options"] = new JsonObject { ["include_usage"] = true };
        using HttpRequestMessage request = Request("chat/completions", body);
        using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await ThrowIfRefusedAsync(response, cancellationToken);
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        using StreamReader lines = new(await response.Content.ReadAsStreamAsync(patience.Token), Encoding.UTF8);
        int events = 0;
        bool hasUsage = false, isDone = false;
        while (!isDone && await lines.ReadLineAsync(patience.Token) is string line)
        {
            if (line.StartsWith("data:", StringComparison.Ordinal))
            {
                string data = line["data:".Length..].Trim();
                isDone = data == "[DONE]";
                JsonNode? part = isDone ? null : JsonNode.Parse(data);
                events += part?["choices"] is JsonArray { Count: > 0 } ? 1 : 0;
                hasUsage |= part?["usage"] is JsonObject;
            }
        }

        return events == 0 ? throw new FormatException("no event came")
            : !isDone ? throw new FormatException("the stream ends without [DONE]")
            : $"{events} events, {(hasUsage ? "with usage" : "without the usage that was asked for")}";
    }

    private static async Task<Finding> CheckAsync(string name, FindingState otherwise, string advice, Func<Task<string>> check)
    {
        try
        {
            return Finding.Ok(name, await check());
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or TaskCanceledException or JsonException or FormatException or InvalidOperationException)
        {
            return new Finding(name, otherwise, exception.Message, advice);
        }
    }

    private async Task<JsonNode> PostAsync(string path, JsonObject body, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = Request(path, body);
        using HttpResponseMessage response = await _client.SendAsync(request, cancellationToken);
        await ThrowIfRefusedAsync(response, cancellationToken);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken)) ?? throw new FormatException("the answer is null");
    }

    private HttpRequestMessage Request(string path, JsonObject body) =>
        new(HttpMethod.Post, new Uri(_base, path)) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };

    private static async Task ThrowIfRefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw new IOException($"it answers {(int)response.StatusCode}: {Shorten(await response.Content.ReadAsStringAsync(cancellationToken))}");
        }
    }

    private static JsonObject Chat(string model, string text, int maxTokens) => new()
    {
        ["model"] = model,
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }),
        ["max_tokens"] = maxTokens,
        ["temperature"] = 0,
    };

    private static string[] Names(JsonNode? list) => (list as JsonObject)?["data"] is JsonArray data
        ? [.. data.Select(model => (model as JsonObject)?["id"]?.GetValue<string>()).OfType<string>()]
        : throw new FormatException("the answer has no list 'data' of models");

    // A model that reasons may have said nothing else yet.
    private static string? Text(JsonNode message) => s_texts.Select(name => message[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null).FirstOrDefault(text => !string.IsNullOrEmpty(text));

    private static T Need<T>(T? node, string name)
        where T : JsonNode => node ?? throw new FormatException($"the answer has no {name}");

    private static int Number(JsonNode? node, string name) => Need(node, name).GetValue<int>();

    private static string Shorten(string text) => text.ReplaceLineEndings(" ") is { Length: > 80 } line ? $"{line[..80]}..." : text.ReplaceLineEndings(" ");

    private static bool IsOfServer(Exception exception, CancellationToken cancellationToken) => exception is HttpRequestException or JsonException or FormatException or InvalidOperationException
        || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested);
}
