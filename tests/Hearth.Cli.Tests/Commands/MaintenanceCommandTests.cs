using System.Text.Json;
using Hearth.Store.Storage;

namespace Hearth.Cli.Tests.Commands;

public sealed class MaintenanceCommandTests : IDisposable
{
    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task DiskUsage_PrintsATableOrJson()
    {
        StoredModel model = await _cli.AddAsync("ai/smollm2");

        string[] lines = (await _cli.OutputOfAsync("df")).Split('\n');
        using JsonDocument document = JsonDocument.Parse(await _cli.OutputOfAsync("df", "--json"));

        Assert.StartsWith("TYPE", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("Models (1)", lines[1], StringComparison.Ordinal);
        Assert.Equal(1, document.RootElement.GetProperty("models").GetInt32());
        Assert.InRange(document.RootElement.GetProperty("model_bytes").GetInt64(), model.Size, long.MaxValue);
        Assert.Equal(0, document.RootElement.GetProperty("unused_bytes").GetInt64());
        Assert.Equal(_cli.Store.Folder, document.RootElement.GetProperty("folder").GetString());
    }

    [Fact]
    public async Task Verify_OfASoundStore_SaysSo()
    {
        await _cli.AddAsync("ai/smollm2");

        Assert.EndsWith(": all as it should be.\n", await _cli.OutputOfAsync("verify"), StringComparison.Ordinal);
        Assert.EndsWith(": all as it should be.\n", await _cli.OutputOfAsync("verify", "smollm2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_OfABrokenContent_TellsAndRepairs()
    {
        StoredModel model = await _cli.AddAsync("ai/smollm2");
        string weights = _cli.Store.Open(model).Weights[0];
        File.SetAttributes(weights, FileAttributes.Normal);
        await File.WriteAllTextAsync(weights, "GGUF weights of a tesT", TestContext.Current.CancellationToken);

        (int code, string output, string error) = await _cli.RunAsync("verify");
        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains(Path.GetFileName(weights), output, StringComparison.Ordinal);
        Assert.Contains("(used by smollm2)", output, StringComparison.Ordinal);
        Assert.Contains("--repair", error, StringComparison.Ordinal);

        Assert.Equal(ExitCode.Failure, (await _cli.RunAsync("verify", "--repair")).Code);
        Assert.False(File.Exists(weights));
    }

    [Fact]
    public async Task Prune_WithoutATerminal_WantsForce()
    {
        Assert.Equal((ExitCode.Usage, string.Empty, "hearth: There is nobody to ask; say --force to remove without asking.\n"), await _cli.RunAsync("prune"));
        Assert.Equal("Removed 0 models, 0 unused files and 0 broken-off downloads: 0 B are free now.\n", await _cli.OutputOfAsync("prune", "--force"));
    }

    [Theory]
    [InlineData("y", "Removed 0 models, 0 unused files and 0 broken-off downloads: 0 B are free now.\n", "")]
    [InlineData("YES ", "Removed 0 models, 0 unused files and 0 broken-off downloads: 0 B are free now.\n", "")]
    [InlineData("", "", "Nothing was removed.\n")]
    [InlineData("n", "", "Nothing was removed.\n")]
    [InlineData(null, "", "Nothing was removed.\n")]
    public async Task Prune_InATerminal_Asks(string? answer, string expected, string note)
    {
        _cli.Context = _cli.Context with { HasInputTerminal = true, ReadLine = () => answer };

        Assert.Equal((ExitCode.Success, expected, $"Remove files that no model uses, downloads that were broken off? [y/N] {note}"), await _cli.RunAsync("prune"));
    }

    [Fact]
    public async Task Prune_All_RemovesModelsWithoutAName()
    {
        StoredModel old = await _cli.AddAsync("ai/smollm2");
        await _cli.AddAsync("ai/smollm2", new TestModel { Parameters = "1B" });

        Assert.StartsWith("Removed 0 models", await _cli.OutputOfAsync("prune", "-f"), StringComparison.Ordinal);
        Assert.StartsWith($"Deleted: {old.Id}\nRemoved 1 model,", await _cli.OutputOfAsync("prune", "-f", "--all"), StringComparison.Ordinal);
    }
}
