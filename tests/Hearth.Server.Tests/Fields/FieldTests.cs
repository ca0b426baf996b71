namespace Hearth.Server.Tests.Fields;

/// <summary>Each field of each route does what the lists say.</summary>
public sealed class FieldTests(FieldServer server) : IClassFixture<FieldServer>
{
    private const string Invented = "invented_field";

    private static readonly string[] s_kinds = ["true", "-1", "0.5", "1e30", "\"\"", "[]", "[[]]", "[{}]", "{}", "{\"a\":\"b\"}"];

    public static TheoryData<string> Routes => [.. FieldList.Routes.Select(route => route.Name)];

    public static TheoryData<string> RoutesWithBody => [.. FieldList.Routes.Where(route => route.Request is not null).Select(route => route.Name)];

    public static TheoryData<string, string, int> Valid => Rows(row => row.Valid is not null);

    public static TheoryData<string, string, int> Invalid => Rows(row => row.Invalid is not null);

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task ValidRequest_IsAnswered(string route)
    {
        FieldRoute found = FieldList.Find(route);
        FieldRequest first = FieldRequest.Of(found, server);
        foreach (FieldRequest request in found.Others.Select(other => first with { Json = server.FillJson(other) }).Prepend(first))
        {
            (int status, string text) = await server.SendAsync(found, request);
            Assert.True(status is >= 200 and < 300, $"{request}\n{status} {text}");
        }
    }

    [Theory]
    [MemberData(nameof(Valid))]
    public async Task ValidValue_IsAcceptedAndNullIsNone(string route, string field, int line)
    {
        (FieldRoute found, FieldRow row) = Find(route, field, line);
        FieldRequest request = FieldRequest.Of(found, row, row.Valid, server);
        (int status, string text) = await server.SendAsync(found, request);

        Assert.True(status is >= 200 and < 300, $"{request}\n{status} {text}");
        Assert.DoesNotContain("\"error\"", text.Replace("\"error\":null", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
        if (!row.IsQuery)
        {
            (int absent, string without) = await server.SendAsync(found, FieldRequest.Of(found, row, null, server));
            (int none, string with) = await server.SendAsync(found, FieldRequest.Of(found, row, "null", server));
            Assert.True(absent == none, $"{without}\n{with}");
        }
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task InvalidValue_IsRefusedByName(string route, string field, int line)
    {
        (FieldRoute found, FieldRow row) = Find(route, field, line);
        FieldRequest request = FieldRequest.Of(found, row, row.Invalid, server);
        (int status, string text) = await server.SendAsync(found, request);

        Assert.True(status is >= 400 and < 500, $"{request}\n{status} {text}");
        (string message, string? parameter) = FieldServer.ReadError(text);
        string name = row.Place.TrimStart('?').Split('.')[^1].Replace("[]", string.Empty, StringComparison.Ordinal);
        string top = row.Place.TrimStart('?').Split('.', '[')[0];
        bool isNamed = message.Contains(name, StringComparison.Ordinal) || message.Contains(top, StringComparison.Ordinal);

        // The words for what is not there are OpenAI's; the field stands beside them.
        Assert.True(isNamed || (parameter == top && text.Contains("_not_found\"", StringComparison.Ordinal)), $"{request}\n'{name}' is not in: {message}");
        if (parameter is not null)
        {
            string place = FieldList.PlaceOf(parameter);
            string wanted = row.Place.TrimStart('?');
            Assert.True(wanted.StartsWith(place, StringComparison.Ordinal) || place.StartsWith(wanted, StringComparison.Ordinal), $"{request}\n{text}");
        }

        if (row.Kind == FieldKind.Refused && text.Contains("\"code\":\"", StringComparison.Ordinal))
        {
            Assert.Contains("unsupported_parameter", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(RoutesWithBody))]
    public async Task ValueOfAnyKind_IsAcceptedOrRefused(string route)
    {
        FieldRoute found = FieldList.Find(route);
        foreach (FieldRow row in found.Rows.Where(row => !row.IsQuery).DistinctBy(row => row.Path))
        {
            foreach (string value in s_kinds)
            {
                FieldRequest request = FieldRequest.Of(found, row, value, server);
                (int status, string text) = await server.SendAsync(found, request);
                Assert.True(status is >= 200 and < 500, $"{request}\n{status} {text}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(RoutesWithBody))]
    public async Task UnknownField_IsTreatedAsTheOriginalDoes(string route)
    {
        FieldRoute found = FieldList.Find(route);
        FieldRow row = new(Invented, FieldKind.Ignored, "1", null, null);
        (int status, string text) = await server.SendAsync(found, FieldRequest.Of(found, row, row.Valid, server));

        if (found.RefusesUnknown)
        {
            Assert.Equal(400, status);
            (string message, string? parameter) = FieldServer.ReadError(text);
            Assert.Contains(Invented, message, StringComparison.Ordinal);
            Assert.True(parameter is null or Invented, text);
        }
        else
        {
            Assert.True(status is >= 200 and < 300, $"{status} {text}");
        }
    }

    private static TheoryData<string, string, int> Rows(Func<FieldRow, bool> isMeant)
    {
        TheoryData<string, string, int> data = [];
        foreach (FieldRoute route in FieldList.Routes)
        {
            foreach ((int line, FieldRow row) in route.Rows.Index().Where(row => isMeant(row.Item)))
            {
                data.Add(route.Name, row.Path, line);
            }
        }

        return data;
    }

    private static (FieldRoute Route, FieldRow Row) Find(string route, string field, int line)
    {
        FieldRoute found = FieldList.Find(route);
        Assert.Equal(field, found.Rows[line].Path);
        return (found, found.Rows[line]);
    }
}
