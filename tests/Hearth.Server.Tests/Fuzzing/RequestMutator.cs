using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Server.Tests.Fields;
using Hearth.Tests.Fuzzing;

namespace Hearth.Server.Tests.Fuzzing;

/// <summary>Makes requests of valid ones: fields have other values, are moved, doubled or of another API, and now and then the bytes are broken.</summary>
/// <param name="routes">The routes to ask.</param>
/// <param name="targets">Further targets, which take no body.</param>
/// <param name="server">The server.</param>
internal sealed class RequestMutator(IReadOnlyList<FieldRoute> routes, IReadOnlyList<(string Method, string Target)> targets, FieldServer server)
{
    private const int MaxFields = 6;
    private const int MaxChanges = 4;
    private const int MaxBody = 256 * 1024;
    private static readonly string[] s_methods = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "POST", "TRACE", "FOO"];
    private static readonly string[] s_prefixes = ["", "/engines", "/engines/v1", "/engines/x", "/engines/x/v1", "/openai/v1", "/anthropic/v1"];
    private readonly FieldRoute[] _asking = [.. routes.Where(route => route.Request is not null)];
    private static readonly FieldRow[] s_rows = [.. FieldList.Routes.SelectMany(route => route.Rows).Where(row => !row.IsQuery && !row.Path.Contains('['))];

    /// <summary>The request of a round; always the same one.</summary>
    public FuzzRequest Make(Random random)
    {
        FuzzRequest request = One(random, 12) && targets.Count > 0 ? MakeTarget(random) : MakeBody(random);
        if (One(random, 8))
        {
            request = request with { Headers = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Pick(random, FuzzValues.Headers))] };
        }

        if (One(random, 12))
        {
            request = request with { Target = ChangeTarget(request.Target, random) };
        }

        if (One(random, 60))
        {
            request = request with { Method = Pick(random, s_methods) };
        }

        if (One(random, 40))
        {
            request = request with { IsRaw = true, ClaimedLength = One(random, 2) ? Math.Max(0, (request.Body?.Length ?? 0) + random.Next(-10, 10)) : null };
        }

        return request with { IsAborted = One(random, 40) };
    }

    /// <summary>A body for a route, with something changed: not always JSON.</summary>
    public string MakeJson(FieldRoute route, Random random) => Change(MakeValid(route, random), random);

    private FuzzRequest MakeTarget(Random random)
    {
        (string method, string target) = Pick(random, targets);
        byte[]? body = random.Next(method is "GET" or "HEAD" ? 20 : 4) switch
        {
            0 => Encoding.UTF8.GetBytes(Pick(random, FuzzValues.Json)),
            1 when method is "POST" or "DELETE" => Encoding.UTF8.GetBytes(MakeJson(Pick(random, _asking), random)),
            2 when method is "POST" => MakeArchive(random),
            _ => null,
        };
        return new FuzzRequest(method, target, [], body);
    }

    // Something like a file of an archive, with a checksum that is none.
    private static byte[] MakeArchive(Random random)
    {
        byte[] archive = new byte[random.Next(1, 4) * 512];
        random.NextBytes(archive);
        Encoding.ASCII.GetBytes(Pick(random, (string[])["manifest.json", "index.json", "../a", "oci-layout"])).CopyTo(archive, 0);
        if (One(random, 2))
        {
            Array.Fill(archive, (byte)'0', 100, 56);
            "ustar\000"u8.CopyTo(archive.AsSpan(257));
        }

        return archive;
    }

    private FuzzRequest MakeBody(Random random)
    {
        FieldRoute route = Pick(random, One(random, 6) ? routes : _asking);
        FieldRequest valid = FieldRequest.Of(route, server);
        if (route.Rows.Find(row => row.IsQuery) is not null && One(random, 2))
        {
            FieldRow[] queries = [.. route.Rows.Where(row => row.IsQuery)];
            FieldRow row = Pick(random, queries);
            valid = valid with { Path = FieldRequest.Of(route, row, One(random, 2) ? row.Valid : Pick(random, FuzzValues.Paths), server).Path };
        }

        if (route.IsForm)
        {
            return new FormMutator(this).Make(route, valid.Path, MakeValid(route, random), random);
        }

        string path = valid.Path.StartsWith("/v1/", StringComparison.Ordinal) && One(random, 8) ? Pick(random, s_prefixes) + valid.Path["/v1".Length..] : valid.Path;
        return new FuzzRequest(route.Method, path, [], valid.Json is null ? null : Break(MakeJson(route, random), random));
    }

    // Some of the route's fields at once.
    private JsonObject MakeValid(FieldRoute route, Random random)
    {
        JsonObject body = JsonNode.Parse(route.Others.Count > 0 && One(random, 2) ? server.FillJson(Pick(random, route.Others)) : FieldRequest.Of(route, server).Json!)!.AsObject();
        FieldRow[] rows = [.. route.Rows.Where(row => !row.IsQuery && row.Valid is not null)];
        for (int fields = rows.Length == 0 ? 0 : random.Next(MaxFields); fields > 0; fields--)
        {
            FieldRow row = Pick(random, rows);
            JsonObject other = JsonNode.Parse(FieldRequest.Of(route, row, row.Valid, server).Json!)!.AsObject();
            string[] changed = [route.IsForm ? row.Path : row.Path.Split('.', '[')[0], .. row.With is null ? [] : JsonNode.Parse(server.FillJson(row.With))!.AsObject().Select(pair => pair.Key)];
            foreach (string name in changed)
            {
                body[name] = other[name]?.DeepClone();
            }
        }

        return body;
    }

    private string Change(JsonObject body, Random random)
    {
        Dictionary<string, string> raw = [];
        for (int changes = random.Next(MaxChanges); changes > 0; changes--)
        {
            JsonNode[] places = [.. Places(body).Where(place => place.Parent is not null)];
            if (places.Length == 0 || One(random, 5))
            {
                FieldRow row = Pick(random, s_rows);
                body[row.Path] = Mark(server.FillJson((One(random, 2) ? row.Valid : row.Invalid) ?? "1"));
                continue;
            }

            JsonNode place = Pick(random, places);
            Replace(place, random.Next(10) switch
            {
                0 => null,
                1 when place.Parent is JsonObject => Mark($"{place.ToJsonString()},{JsonSerializer.Serialize(place.GetPropertyName())}:{Pick(random, FuzzValues.Json)}"),
                2 => Mark($"[{place.ToJsonString()}]"),
                3 => Mark($"{{\"{Pick(random, s_rows).Path}\":{place.ToJsonString()}}}"),
                4 when place is JsonArray { Count: > 0 } array => Mark($"[{string.Join(',', Enumerable.Repeat(array[0]?.ToJsonString() ?? "null", random.Next(2, 200)))}]"),
                5 => Mark(Pick(random, places).ToJsonString()),
                _ => Mark(Pick(random, FuzzValues.Json)),
            });
        }

        string text = body.ToJsonString();

        // Values within values that were replaced: until nothing is left to put in.
        for (int i = 0; i < MaxChanges && raw.Keys.Any(mark => text.Contains(mark, StringComparison.Ordinal)); i++)
        {
            text = raw.Aggregate(text, (result, pair) => result.Replace($"\"{pair.Key}\"", pair.Value, StringComparison.Ordinal));
        }

        return text;

        // Not every value is one that JSON nodes can hold.
        string Mark(string value)
        {
            string mark = $"@{raw.Count}@";
            raw[mark] = value;
            return mark;
        }
    }

    private static void Replace(JsonNode place, string? mark)
    {
        if (place.Parent is JsonObject parent)
        {
            string name = place.GetPropertyName();
            if (mark is null)
            {
                parent.Remove(name);
            }
            else
            {
                parent[name] = mark;
            }
        }
        else if (mark is null)
        {
            place.Parent!.AsArray().RemoveAt(place.GetElementIndex());
        }
        else
        {
            place.Parent!.AsArray()[place.GetElementIndex()] = mark;
        }
    }

    private static byte[] Break(string text, Random random) => Break(Encoding.UTF8.GetBytes(text), random);

    /// <summary>Breaks bytes now and then.</summary>
    public static byte[] Break(byte[] bytes, Random random) =>
        bytes.Length == 0 || !One(random, 5) ? bytes : new FuzzMutator(random, FuzzValues.Json, MaxBody, [bytes], []).Change(bytes);

    private static string ChangeTarget(string target, Random random)
    {
        int query = target.IndexOf('?');
        string path = query < 0 ? target : target[..query];
        int at = random.Next(path.Length + 1);
        return random.Next(7) switch
        {
            0 => path + Pick(random, FuzzValues.Queries),
            1 => target + "&" + Pick(random, FuzzValues.Queries).TrimStart('?'),
            2 => path + Pick(random, FuzzValues.Paths),
            3 => Pick(random, FuzzValues.Paths) + path,
            4 => path[..at] + Pick(random, FuzzValues.Paths) + path[at..],
            5 => path.ToUpperInvariant(),
            _ => path + "/" + new string('a', random.Next(1, 6000)),
        };
    }

    private static IEnumerable<JsonNode> Places(JsonNode? node) => node switch
    {
        JsonObject inner => inner.SelectMany(property => Places(property.Value)).Prepend(node),
        JsonArray items => items.SelectMany(Places).Prepend(node),
        null => [],
        _ => [node],
    };

    private static bool One(Random random, int of) => random.Next(of) == 0;

    private static T Pick<T>(Random random, IReadOnlyList<T> items) => items[random.Next(items.Count)];
}
