using System.Text.Json;
using Hearth.Store.Storage;

namespace Hearth.Cli.Tests.Commands;

public sealed class ListCommandTests : IDisposable
{
    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task List_OfAnEmptyStore_PrintsHeadersOnly() =>
        Assert.Equal("MODEL NAME  PARAMETERS  QUANTIZATION  ARCHITECTURE  MODEL ID  CREATED  CONTEXT  SIZE\n", await _cli.OutputOfAsync("list"));

    [Fact]
    public async Task List_PrintsARowForEachName()
    {
        StoredModel small = await _cli.AddAsync("ai/smollm2");
        StoredModel large = await _cli.AddAsync("registry.example:5000/team/large:q8", new TestModel { Weights = new byte[2_500_000], Parameters = "7B", Quantization = "Q8_0", ContextSize = 4096 });
        _cli.Store.Tag(small, _cli.Store.ParseReference("ai/alias:v1"));

        Assert.Equal(
            $"""
            MODEL NAME                           PARAMETERS  QUANTIZATION  ARCHITECTURE  MODEL ID      CREATED      CONTEXT  SIZE
            alias:v1                             361.82M     Q4_K_M        llama         {small.Id.Abbreviated}  3 weeks ago  8K       {HumanText.Size(small.Size)}
            registry.example:5000/team/large:q8  7B          Q8_0          llama         {large.Id.Abbreviated}  3 weeks ago  4K       2.5 MB
            smollm2                              361.82M     Q4_K_M        llama         {small.Id.Abbreviated}  3 weeks ago  8K       {HumanText.Size(small.Size)}

            """,
            await _cli.OutputOfAsync("ls"));
    }

    [Fact]
    public async Task List_IsInTheOrderOfNamesAndThenOfTags()
    {
        StoredModel model = await _cli.AddAsync("zebra");
        foreach (string name in (string[])["apple:v2", "apple-pie", "apple", "team/apple:v1", "apple:v1", "localhost:5000/apple"])
        {
            _cli.Store.Tag(model, _cli.Store.ParseReference(name));
        }

        string[] lines = (await _cli.OutputOfAsync("list")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(["apple", "apple:v1", "apple:v2", "apple-pie", "localhost:5000/apple", "team/apple:v1", "zebra"], lines.Skip(1).Select(line => line.Split(' ')[0]));
    }

    [Theory]
    [InlineData("smol", "smollm2")]
    [InlineData("ai/smol", "smollm2")]
    [InlineData("docker.io/ai/smollm2", "smollm2")]
    [InlineData("TEAM", "team/other:q4")]
    [InlineData("absent")]
    public async Task List_WithAName_PrintsThoseThatBeginWithIt(string name, params string[] expected)
    {
        await _cli.AddAsync("ai/smollm2");
        await _cli.AddAsync("team/other:q4", new TestModel { Parameters = "1B" });

        string[] lines = (await _cli.OutputOfAsync("list", name)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(expected, lines.Skip(1).Select(line => line.Split(' ')[0]));
    }

    [Fact]
    public async Task List_Quiet_PrintsIdsOnceOnly()
    {
        StoredModel model = await _cli.AddAsync("ai/smollm2");
        _cli.Store.Tag(model, _cli.Store.ParseReference("alias"));

        Assert.Equal(model.Id.Abbreviated + "\n", await _cli.OutputOfAsync("list", "-q"));
        Assert.Equal(model.Id + "\n", await _cli.OutputOfAsync("list", "-q", "--digests"));
    }

    [Fact]
    public async Task List_Json_HasTheFieldsOfDockersObject()
    {
        StoredModel stored = await _cli.AddAsync("ai/smollm2:tag", new TestModel { ContextSize = 4096 });

        using JsonDocument document = JsonDocument.Parse(await _cli.OutputOfAsync("list", "--json"));

        JsonElement model = Assert.Single(document.RootElement.EnumerateArray());
        Assert.Equal(stored.Id.ToString(), model.GetProperty("id").GetString());
        Assert.Equal(["docker.io/ai/smollm2:tag"], model.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()));
        Assert.Equal(new DateTimeOffset(2026, 6, 10, 12, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds(), model.GetProperty("created").GetInt64());
        Assert.Equal(stored.Size, model.GetProperty("size_bytes").GetInt64());
        JsonElement config = model.GetProperty("config");
        Assert.Equal(
            ("gguf", "Q4_K_M", "361.82M", "llama", 4096),
            (config.GetProperty("format").GetString(), config.GetProperty("quantization").GetString(), config.GetProperty("parameters").GetString(), config.GetProperty("architecture").GetString(), config.GetProperty("context_size").GetInt64()));
    }

    [Fact]
    public async Task List_JsonAndQuiet_AreRefused() =>
        Assert.Equal((ExitCode.Usage, string.Empty, "hearth: --json and --quiet exclude each other.\n"), await _cli.RunAsync("list", "--json", "-q"));

    [Fact]
    public async Task List_InANarrowTerminal_CutsNames()
    {
        await _cli.AddAsync("team/a-rather-long-name-that-does-not-fit:q4");
        _cli.Context = _cli.Context with { HasOutputTerminal = true, Columns = () => 110 };

        string[] lines = (await _cli.OutputOfAsync("list")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.All(lines, line => Assert.InRange(line.Length, 1, 110));
        Assert.Contains("…", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_OfAFolderThatIsNoStore_Fails()
    {
        Directory.CreateDirectory(_cli.Combine("models"));
        _cli.Write("models/layout.json", "no layout");

        (int code, _, string error) = await _cli.RunAsync("list");

        Assert.Equal(ExitCode.Failure, code);
        Assert.StartsWith("hearth: ", error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
