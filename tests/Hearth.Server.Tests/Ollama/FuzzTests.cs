using System.Text;
using Hearth.Server.Tests.ModelRunner;
using Hearth.Store.Storage;

namespace Hearth.Server.Tests.Ollama;

/// <summary>Broken requests are refused, and nothing fails because of them.</summary>
public sealed class FuzzTests(GuideServer server)
{
    private static readonly (string Path, string Json)[] s_seeds =
    [
        ("/api/chat", """{"model":"guide","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"hi"}],"stream":false,"think":false,"keep_alive":"5m","options":{"num_predict":2,"temperature":0.5,"top_k":3,"seed":1,"stop":["x","y"]}}"""),
        ("/api/chat", """{"model":"guide","messages":[{"role":"user","content":"1+2"},{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"add","arguments":{"a":1}}}]},{"role":"tool","tool_name":"add","content":"3"}],"tools":[{"type":"function","function":{"name":"add","parameters":{"type":"object"}}}],"options":{"num_predict":1}}"""),
        ("/api/generate", """{"model":"guide","prompt":"hi","system":"s","template":"{{ .System }} {{ .Prompt }}","context":[1,2,3],"logprobs":true,"top_logprobs":2,"raw":false,"format":{"type":"object","properties":{"a":{"type":"string","maxLength":3}}},"options":{"num_predict":2,"num_ctx":64}}"""),
        ("/api/embed", """{"model":"guide","input":["a","b"],"truncate":true,"dimensions":4,"options":{"num_ctx":16}}"""),
        ("/api/show", """{"model":"guide","verbose":false,"system":"x"}"""),
    ];

    private static readonly (string Path, string Json)[] s_storeSeeds =
    [
        ("/api/create", """{"model":"m","files":{"a.gguf":"sha256:DIGEST"},"parameters":{"temperature":1,"stop":["a"]},"messages":[{"role":"user","content":"x"}],"license":["a"],"system":"s","template":"{{ .Prompt }}","stream":false}"""),
        ("/api/create", """{"model":"m","files":{"a.gguf":"sha256:DIGEST"},"adapters":{},"quantize":"","license":"a"}"""),
        ("/api/copy", """{"source":"guide","destination":"team/b:v1"}"""),
        ("/api/show", """{"name":"guide","verbose":false,"system":"x"}"""),
        ("/api/push", """{"model":"none","insecure":true,"stream":false}"""),
    ];

    private static readonly string[] s_parts = ["null", "-1", "1e999", "\"\"", "[]", "{}", "true", "\"\\ud800\"", "99999999999999999999", ",", "\"", "{\"a\":", "[[[[", "\\u0000", "0.5", "é", ":", "2147483648"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task Mutations_AreAnsweredOrRefused(int seed) => SendAsync(server.Client, s_seeds, seed, 300);

    [Fact]
    public async Task MutationsOfTheStore_AreAnsweredOrRefused()
    {
        await using StoreServer store = await StoreServer.StartAsync(new Uri("http://127.0.0.1:1"));
        StoredModel model = await store.AddGuideAsync("guide");
        string digest = store.Store.GetManifest(model).Layers[0].Digest.Hex;

        await SendAsync(store.Client, [.. s_storeSeeds.Select(seed => (seed.Path, seed.Json.Replace("DIGEST", digest, StringComparison.Ordinal)))], seed: 3, rounds: 300);
    }

    private static async Task SendAsync(HttpClient client, (string Path, string Json)[] seeds, int seed, int rounds)
    {
        Random random = new(seed);
        for (int round = 0; round < rounds; round++)
        {
            (string path, string json) = seeds[random.Next(seeds.Length)];
            byte[] body = Mutate(json, random);
            using ByteArrayContent content = new(body);
            using HttpResponseMessage response = await client.PostAsync(path, content, TestContext.Current.CancellationToken);
            string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

            Assert.True((int)response.StatusCode < 500, $"{path} {Encoding.UTF8.GetString(body)}: {response.StatusCode} {text}");
        }
    }

    private static byte[] Mutate(string json, Random random)
    {
        for (int change = random.Next(1, 4); change > 0; change--)
        {
            int at = random.Next(json.Length);
            int end = Math.Min(json.Length, at + random.Next(1, 12));
            json = random.Next(4) switch
            {
                0 => json[..at] + json[end..],
                1 => json[..at] + s_parts[random.Next(s_parts.Length)] + json[at..],
                2 => ReplaceValue(json, at, s_parts[random.Next(s_parts.Length)]),
                _ => json[..at] + json[at..end] + json[at..],
            };
        }

        byte[] bytes = Encoding.UTF8.GetBytes(json);
        if (bytes.Length > 0 && random.Next(8) == 0)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return bytes;
    }

    // What stands between a colon and the next comma or brace.
    private static string ReplaceValue(string json, int from, string value)
    {
        int colon = json.IndexOf(':', from);
        int end = colon < 0 ? -1 : json.AsSpan(colon).IndexOfAny(',', '}');
        return end < 0 ? json : json[..(colon + 1)] + value + json[(colon + end)..];
    }
}
