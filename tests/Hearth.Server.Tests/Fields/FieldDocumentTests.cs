using System.Text.RegularExpressions;
using Hearth.Tests;

namespace Hearth.Server.Tests.Fields;

/// <summary>
/// <c>docs/api.md</c> has the fields of the lists and no others. A table has a field in the first cell of each of its lines, where it has several
/// APIs with a mark in the column of each that takes it; or a request in the first cell and its fields in the second one.
/// </summary>
public sealed partial class FieldDocumentTests
{
    private const string SamplingOptions = "llama.cpp's sampling options";
    private const string OfLlamaCpp = "llama.cpp's";
    private const string SamplingDocument = "(sampling.md)";
    private static readonly string s_document = File.ReadAllText(Path.Combine(Golden.RepositoryRoot, "docs", "api.md"));

    public static TheoryData<string> Routes => [.. FieldList.Routes.Where(route => route.Document is not [_, "-"]).Select(route => route.Name)];

    [Theory]
    [MemberData(nameof(Routes))]
    public void Document_HasTheFieldsOfTheLists(string name)
    {
        FieldRoute route = FieldList.Find(name);
        string section = Section(route.Document[0]);
        HashSet<string> documented = [.. Fields(route.Document, section)];
        FieldRow[] rows = [.. route.Rows.Where(row => row.Kind != FieldKind.Ignored)];

        Assert.Equal([], rows.Select(Top).Except(documented.Select(Top)).Order(StringComparer.Ordinal));
        Assert.Equal([], documented.Except(route.Rows.Select(row => row.Place.TrimStart('?'))).Where(field => field != "messages[]").Order(StringComparer.Ordinal));

        if (route.Within is [string holder, .. string[] place])
        {
            string[] own = [.. rows.Where(row => row.Place.StartsWith(holder + ".", StringComparison.Ordinal)).Select(row => row.Place[(holder.Length + 1)..])];
            Assert.Equal(Fields(place, Section(place[0])).Distinct().Order(StringComparer.Ordinal), own.Distinct().Order(StringComparer.Ordinal));
        }

        // What is within other fields is told of somewhere in the section.
        string[] within = [.. rows.Where(row => row.Place.IndexOfAny(['.', '[']) >= 0).Select(row => row.Place.Split('.')[^1].Replace("[]", string.Empty, StringComparison.Ordinal)).Distinct()];
        Assert.Equal(string.Empty, string.Join(", ", within.Where(field => !IsMentioned(section, field) && !IsMentioned(Section("Fields"), field)).Order(StringComparer.Ordinal)));
    }

    private static string Top(FieldRow row) => Top(row.Place.TrimStart('?'));

    private static string Top(string field) => field.Split('.', '[')[0];

    private static bool IsMentioned(string section, string field) => Code().Matches(section.Replace("```", string.Empty, StringComparison.Ordinal)).Any(match => Regex.IsMatch(match.Value, $@"(?<![\w-]){Regex.Escape(field)}(?![\w-])"));

    private static string Section(string heading)
    {
        string mark = $"\n## {heading}\n";
        int start = s_document.IndexOf(mark, StringComparison.Ordinal);
        Assert.True(start >= 0, $"docs/api.md has no section '{heading}'.");
        int end = s_document.IndexOf("\n## ", start + mark.Length, StringComparison.Ordinal);
        return end < 0 ? s_document[start..] : s_document[start..end];
    }

    private static IEnumerable<string> Fields(string[] place, string section)
    {
        string column = place.Length > 2 ? place[2] : string.Empty;
        string[][] tables = [.. Tables(section).Where(table => Cells(table[0])[0].StartsWith(place[1], StringComparison.Ordinal))];
        Assert.True(tables.Length > 0, $"There is no table '{place[1]}'.");
        if (place[1] == "request")
        {
            string line = Assert.Single(tables.SelectMany(table => table), line => Cells(line)[0].Replace("`", string.Empty, StringComparison.Ordinal)
                .Split(',', StringSplitOptions.TrimEntries).Any(request => request == column.Trim('`') || request.EndsWith(" " + column.Trim('`'), StringComparison.Ordinal)));
            return Names(Cells(line)[1]);
        }

        int index = Array.IndexOf(Cells(tables[0][0]), column);
        return tables[0].Skip(2).Select(Cells).Where(cells => index < 1 || cells[index].Length > 0).SelectMany(cells =>
            (cells[0].Contains(SamplingOptions, StringComparison.Ordinal) ? AllSamplingOptions() : []).Concat(Names(cells[0])));
    }

    private static IEnumerable<string> AllSamplingOptions() =>
        Tables(Section("Fields"))[0].Select(Cells).Where(cells => cells[^1].StartsWith(OfLlamaCpp + ";", StringComparison.Ordinal) || cells[^1].Contains(SamplingDocument, StringComparison.Ordinal)).SelectMany(cells => Names(cells[0]));

    private static IEnumerable<string> Names(string cell) => Code().Matches(cell).Select(match => match.Value.Trim('`'));

    private static string[] Cells(string line) => [.. line.Trim().Trim('|').Split('|').Select(cell => cell.Trim())];

    private static string[][] Tables(string section)
    {
        List<List<string>> tables = [[]];
        foreach (string line in section.Split('\n'))
        {
            if (line.StartsWith('|'))
            {
                tables[^1].Add(line);
            }
            else if (tables[^1].Count > 0)
            {
                tables.Add([]);
            }
        }

        return [.. tables.Where(table => table.Count > 0).Select(table => table.ToArray())];
    }

    [GeneratedRegex("`[^`]+`")]
    private static partial Regex Code();
}
