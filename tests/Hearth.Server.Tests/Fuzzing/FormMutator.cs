using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Server.Tests.Fields;

namespace Hearth.Server.Tests.Fuzzing;

/// <summary>Makes forms and the files in them, with something wrong now and then.</summary>
/// <param name="requests">Makes the requests that lines of batches are.</param>
internal sealed class FormMutator(RequestMutator requests)
{
    private const int MaxLines = 6;
    private const string Boundary = "--abc";

    private static readonly string[] s_types =
    [
        "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"", "multipart/form-data; boundary=other", "multipart/mixed; boundary=--abc", "application/json", "",
        "multipart/form-data; boundary=a; boundary=b", "multipart/form-data; boundary=\"--abc\"; charset=utf-7",
    ];

    private static readonly string[] s_dispositions =
    [
        "", "Content-Disposition: form-data\r\n", "Content-Disposition: attachment; name=file\r\n", "Content-Disposition: form-data; name=\"\"\r\n", "Content-Disposition: form-data; name=file; filename*=UTF-8''%ff%00\r\n",
        "Content-Disposition: form-data; name=\"file\"; filename=\"../../a\\b\u0001\"\r\n", "Content-Disposition: form-data; name=\"pur\"pose\"\r\n", "Content-Disposition: form-data; name=\"file\"; name=\"purpose\"\r\n", "X\r\n", ":\r\n",
        "Content-Transfer-Encoding: base64\r\nContent-Disposition: form-data; name=\"file\"\r\n", "Content-Disposition: form-data; name=\"expires_after[anchor]\"\r\n", "Content-Disposition: form-data; name=\"_charset_\"\r\n",
    ];

    private static readonly string[] s_lines =
    [
        "", " ", "\r", "null", "[]", "{}", "{", "\u0000", "\ufeff{}", "{\"custom_id\":\"a\"}", "{\"custom_id\":\"\\ud800\",\"method\":\"POST\",\"url\":\"/v1/completions\",\"body\":{}}",
        "{\"custom_id\":\"a\",\"method\":\"GET\",\"url\":\"/v1/models\",\"body\":{}}", "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/batches\",\"body\":null}",
    ];

    /// <summary>The routes that lines of batches may be for.</summary>
    public static string[] Endpoints { get; } = ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses"];

    /// <summary>A form with some fields.</summary>
    public FuzzRequest Make(FieldRoute route, string target, JsonObject fields, Random random)
    {
        List<byte> body = [];
        foreach ((string name, JsonNode? value) in fields)
        {
            byte[] content = name == "file" ? MakeLines(Pick(random, Endpoints), random)
                : Encoding.UTF8.GetBytes(One(random, 6) ? Pick(random, FuzzValues.Json) : value is JsonValue text && text.TryGetValue(out string? plain) ? plain : value?.ToJsonString() ?? string.Empty);
            for (int times = One(random, 15) ? random.Next(3) : 1; times > 0; times--)
            {
                string filename = name == "file" ? "; filename=\"a.jsonl\"" : string.Empty;
                string disposition = One(random, 12) ? Pick(random, s_dispositions) : $"Content-Disposition: form-data; name=\"{name}\"{filename}\r\n";
                body.AddRange(Encoding.UTF8.GetBytes($"--{Boundary}\r\n{disposition}{(One(random, 40) ? $"X: {new string('a', random.Next(40_000))}\r\n" : string.Empty)}\r\n"));
                body.AddRange(content);
                body.AddRange("\r\n"u8);
            }
        }

        body.AddRange(Encoding.UTF8.GetBytes(One(random, 15) ? string.Empty : $"--{Boundary}--\r\n"));
        string type = One(random, 12) ? Pick(random, s_types) : $"multipart/form-data; boundary={Boundary}";
        return new FuzzRequest(route.Method, target, [("Content-Type", type)], RequestMutator.Break([.. body], random));
    }

    /// <summary>Lines of a batch, few of them as they should be.</summary>
    public byte[] MakeLines(string endpoint, Random random)
    {
        FieldRoute route = FieldList.Find($"POST {endpoint}");
        List<byte> lines = [];
        for (int line = random.Next(MaxLines); line >= 0; line--)
        {
            string id = One(random, 60) ? "a" : $"{line}";
            string made = One(random, 80) ? Pick(random, s_lines)
                : $"{{\"custom_id\":{JsonSerializer.Serialize(id)},\"method\":\"POST\",\"url\":\"{endpoint}\",\"body\":{requests.MakeJson(route, random).Replace("\"stream\":true", "\"stream\":false", StringComparison.Ordinal)}}}";
            lines.AddRange(One(random, 12) ? RequestMutator.Break(Encoding.UTF8.GetBytes(made), random) : Encoding.UTF8.GetBytes(made));
            lines.AddRange(One(random, 20) ? "\r\n"u8 : "\n"u8);
        }

        return [.. lines];
    }

    private static bool One(Random random, int of) => random.Next(of) == 0;

    private static string Pick(Random random, string[] items) => items[random.Next(items.Length)];
}
