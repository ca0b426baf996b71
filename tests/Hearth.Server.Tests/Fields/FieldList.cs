using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hearth.Tests;

namespace Hearth.Server.Tests.Fields;

/// <summary>What happens to a field.</summary>
internal enum FieldKind
{
    /// <summary>It does what it is for; what it cannot be is refused.</summary>
    Works,

    /// <summary>It is known and not supported, unless it asks for what happens anyway.</summary>
    Refused,

    /// <summary>It is taken and has no effect on the answer, as the document says.</summary>
    Inert,

    /// <summary>It is ignored, as the original does.</summary>
    Ignored,
}

/// <summary>A line of a list: see the lists' README.</summary>
/// <param name="Path">The field; a question mark in front for a parameter of the query.</param>
/// <param name="Kind">What happens to it.</param>
/// <param name="Valid">A value that is accepted; null for none.</param>
/// <param name="Invalid">A value that is refused; null for none.</param>
/// <param name="With">What the request needs beside it; null for nothing.</param>
internal sealed record FieldRow(string Path, FieldKind Kind, string? Valid, string? Invalid, string? With)
{
    public bool IsQuery => Path[0] == '?';

    /// <summary>The path without positions in arrays.</summary>
    public string Place => FieldList.PlaceOf(Path);
}

/// <summary>A route and its fields.</summary>
/// <param name="Method">The method.</param>
/// <param name="Pattern">The pattern of the route.</param>
/// <param name="Path">The path to ask at.</param>
/// <param name="Name">Its name in tests.</param>
internal sealed record FieldRoute(string Method, string Pattern, string Path, string Name)
{
    /// <summary>A valid request; null for one without a body.</summary>
    public string? Request { get; set; }

    /// <summary>Further valid requests, with many fields at once.</summary>
    public List<string> Others { get; } = [];

    /// <summary>The valid request's query.</summary>
    public string Query { get; set; } = string.Empty;

    /// <summary>Whether fields that nobody knows are refused.</summary>
    public bool RefusesUnknown { get; set; }

    /// <summary>The section, the table and the column or row of <c>docs/api.md</c>.</summary>
    public string[] Document { get; set; } = [];

    /// <summary>A field whose own fields have a table, and that table; empty where there is none.</summary>
    public string[] Within { get; set; } = [];

    /// <summary>Whether its body is a form, whose parts are the fields.</summary>
    public bool IsForm { get; set; }

    /// <summary>Whether requests need what the server keeps (the stored model, a response, ...), or take it away.</summary>
    public bool ChangesStore => Pattern.StartsWith("/models", StringComparison.Ordinal) || FieldServer.NamesKept(Path) || FieldServer.NamesKept(Request)
        || Rows.Exists(row => FieldServer.NamesKept(row.Valid) || FieldServer.NamesKept(row.With));

    /// <summary>The API that it is of: the name of the list.</summary>
    public string Api { get; init; } = string.Empty;

    public List<FieldRow> Rows { get; } = [];

    public override string ToString() => Name;
}

/// <summary>Reads the lists.</summary>
internal static partial class FieldList
{
    private const string Include = "include ";
    private static readonly Lazy<IReadOnlyList<FieldRoute>> s_routes = new(Read);

    /// <summary>All routes.</summary>
    public static IReadOnlyList<FieldRoute> Routes => s_routes.Value;

    /// <summary>A path without positions in arrays: <c>tools[0].name</c> is <c>tools[].name</c>.</summary>
    public static string PlaceOf(string path) => Position().Replace(path, "[]");

    public static FieldRoute Find(string name) => Routes.Single(route => route.Name == name);

    private static List<FieldRoute> Read()
    {
        string folder = Path.Combine(Golden.RepositoryRoot, "tests", "Hearth.Server.Tests", "Fields", "Lists");
        List<(string Api, string Title, List<string> Lines)> blocks = [];
        foreach (string file in Directory.EnumerateFiles(folder, "*.fields").Order(StringComparer.Ordinal))
        {
            foreach (string line in File.ReadLines(file).Where(line => !string.IsNullOrWhiteSpace(line) && line[0] != '#'))
            {
                if (line.StartsWith("= ", StringComparison.Ordinal))
                {
                    blocks.Add((Path.GetFileNameWithoutExtension(file), line[2..].Trim(), []));
                }
                else
                {
                    blocks[^1].Lines.Add(line);
                }
            }
        }

        ILookup<string, List<string>> groups = blocks.ToLookup(block => block.Title, block => block.Lines);
        return [.. blocks.Where(block => block.Title.Contains(' ')).Select(block => Read(block.Api, block.Title, block.Lines, groups))];
    }

    private static FieldRoute Read(string api, string title, List<string> lines, ILookup<string, List<string>> groups)
    {
        string[] words = title.Split(' ');
        FieldRoute route = words is [string method, string pattern, string action, string path]
            ? new FieldRoute(method, pattern, path, $"{method} {pattern} {action}") { Api = api }
            : new FieldRoute(words[0], words[1], words[1], title) { Api = api };
        Add(route, lines, string.Empty, groups);
        return route;
    }

    private static void Add(FieldRoute route, List<string> lines, string prefix, ILookup<string, List<string>> groups)
    {
        foreach (string line in lines)
        {
            if (line[0] == ':')
            {
                Set(route, line[1..].Trim());
            }
            else if (line.StartsWith(Include, StringComparison.Ordinal) && !line.Contains(" | ", StringComparison.Ordinal))
            {
                string[] words = line[Include.Length..].Trim().Split(' ');
                Add(route, groups[words[0]].Single(), prefix + (words.Length > 1 ? words[1] : string.Empty), groups);
            }
            else
            {
                route.Rows.Add(ReadRow(line, prefix));
            }
        }
    }

    private static void Set(FieldRoute route, string line)
    {
        int space = line.IndexOf(' ', StringComparison.Ordinal);
        (string name, string value) = space < 0 ? (line, string.Empty) : (line[..space], line[(space + 1)..].Trim());
        switch (name)
        {
            case "request":
                route.Request = value.Length == 0 ? null : value;
                break;
            case "also":
                route.Others.Add(value);
                break;
            case "form":
                route.IsForm = true;
                break;
            case "query":
                route.Query = "?" + value;
                break;
            case "unknown":
                route.RefusesUnknown = value == "refused";
                break;
            case "docs":
                route.Document = [.. value.Split(" / ").Select(part => part.Trim())];
                break;
            case "within":
                route.Within = [.. value.Split(" / ").Select(part => part.Trim())];
                break;
            default:
                throw new FormatException($"Nobody knows '{line}'.");
        }
    }

    private static FieldRow ReadRow(string line, string prefix)
    {
        Match match = Row().Match(line);
        Assert.True(match.Success, $"Not a line of a list: {line}");
        string[] values = match.Groups["values"].Value.Split(" | ");
        string? Value(int index) => values.Length > index && values[index].Trim() is { Length: > 0 } value && value != "-" ? value : null;
        return new FieldRow(prefix + match.Groups["path"].Value, Enum.Parse<FieldKind>(match.Groups["kind"].Value, ignoreCase: true), Value(0), Value(1), Value(2));
    }

    [GeneratedRegex(@"\[\d+\]")]
    private static partial Regex Position();

    [GeneratedRegex(@"^(?<path>\S+)\s+(?<kind>\S+)\s+(?<values>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Row();
}

/// <summary>Makes requests of lists' lines.</summary>
/// <param name="Path">The path, with the query.</param>
/// <param name="Json">The body; null for none.</param>
internal sealed record FieldRequest(string Path, string? Json)
{
    /// <summary>The valid request of a route.</summary>
    public static FieldRequest Of(FieldRoute route, FieldServer server) => new(server.Fill(route.Path) + server.Fill(route.Query), route.Request is null ? null : server.FillJson(route.Request));

    /// <summary>The request with a field set to a value, or without it.</summary>
    /// <param name="route">The route.</param>
    /// <param name="row">The field.</param>
    /// <param name="value">The value as JSON, or of the query as it is; null to leave the field out.</param>
    /// <param name="server">What names stand for.</param>
    public static FieldRequest Of(FieldRoute route, FieldRow row, string? value, FieldServer server)
    {
        FieldRequest valid = Of(route, server);
        if (row.IsQuery)
        {
            string name = row.Path[1..];
            IEnumerable<string> others = route.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Where(pair => !pair.StartsWith(name + "=", StringComparison.Ordinal));
            return valid with { Path = server.Fill(route.Path) + "?" + string.Join('&', others.Append($"{name}={Uri.EscapeDataString(server.Fill(value ?? string.Empty))}")) };
        }

        JsonObject body = JsonNode.Parse(valid.Json!)!.AsObject();
        if (row.With is string with)
        {
            Merge(body, JsonNode.Parse(server.FillJson(with))!.AsObject());
        }

        Set(body, route.IsForm ? [row.Path] : row.Path.Split('.', '['), value is null ? null : JsonNode.Parse(server.FillJson(value)), isRemoved: value is null);
        return valid with { Json = body.ToJsonString() };
    }

    private static void Merge(JsonObject target, JsonObject changes)
    {
        foreach ((string name, JsonNode? value) in changes)
        {
            if (value is null)
            {
                target.Remove(name);
            }
            else
            {
                target[name] = value.DeepClone();
            }
        }
    }

    private static void Set(JsonObject body, string[] names, JsonNode? value, bool isRemoved)
    {
        JsonNode place = body;
        for (int i = 0; i < names.Length; i++)
        {
            bool isLast = i == names.Length - 1;
            JsonNode? next = isLast ? value : names[i + 1].EndsWith(']') ? new JsonArray() : new JsonObject();
            if (place is JsonArray && names[i].EndsWith(']'))
            {
                int index = int.Parse(names[i][..^1]);
                if (isLast)
                {
                    place.AsArray()[index] = next;
                }

                place = place.AsArray()[index]!;
            }
            else if (isLast && isRemoved)
            {
                place.AsObject().Remove(names[i]);
            }
            else
            {
                JsonObject holder = place.AsObject();
                if (isLast || holder[names[i]] is null)
                {
                    holder[names[i]] = next;
                }

                place = holder[names[i]]!;
            }
        }
    }
}
