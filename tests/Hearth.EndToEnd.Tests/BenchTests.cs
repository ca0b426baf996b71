using System.Text.Json.Nodes;

namespace Hearth.EndToEnd.Tests;

/// <summary><c>hearth bench</c> as a user runs it.</summary>
public sealed class BenchTests
{
    [Fact]
    public async Task Json_HasAnElementForEveryCombination()
    {
        (int code, string output, string error) = await HearthProcess.RunAsync(
            ["bench", "guide", "-p", "8,16", "-n", "4", "-pg", "4,2", "-d", "0,8", "-t", "1", "-r", "2", "-o", "json"]);

        Assert.Equal((0, string.Empty), (code, error));
        JsonArray rows = JsonNode.Parse(output)!.AsArray();
        Assert.Equal(
            ["pp8", "pp16", "tg4", "pp4+tg2", "pp8 @ d8", "pp16 @ d8", "tg4 @ d8", "pp4+tg2 @ d8"],
            rows.Select(row => (string)row!["test"]!));
        Assert.All(rows, row =>
        {
            Assert.Equal("Q8_0", (string)row!["file_type"]!);
            Assert.Equal(1, (int)row["threads"]!);
            Assert.Equal(2, row["samples_ts"]!.AsArray().Count);
            Assert.InRange((double)row["median_ts"]!, (double)row["min_ts"]!, (double)row["max_ts"]!);
            Assert.True((double)row["min_ts"]! > 0);
            Assert.True((double)row["read_gbps"]! > 0);
        });
        Assert.InRange((double)rows[2]!["bandwidth_fraction"]!, 1e-6, 2);
        Assert.True((double)rows[0]!["first_token_ms"]! > 0);
    }

    [Fact]
    public async Task Table_IsMarkdownOfAtMostEightyColumns()
    {
        (int code, string output, string error) = await HearthProcess.RunAsync(["bench", "guide", "-p", "8", "-n", "4", "-r", "1", "--no-warmup"]);

        Assert.Equal((0, string.Empty), (code, error));
        string[] lines = output.Split('\n');
        Assert.Matches(@"^Hearth guide \(llama\), [\d.]+ M parameters, Q8_0, [\d.]+ MiB$", lines[0]);
        Assert.Matches(@"^\| +\d+ \| pp8  \| +[\d.]+ \| +[\d.]+\.\.[\d.]+ \| +[\d.]+ ms \| +\| +\|$", lines[4]);
        Assert.Matches(@"^\| +\d+ \| tg4  \| +[\d.]+ \| +[\d.]+\.\.[\d.]+ \| +\| +[\d.]+ \| +\d+ % \|$", lines[5]);
        Assert.Matches(@"^Memory is read at [\d.]+ GB/s with \d+ threads?\.", lines[7]);
        Assert.All(lines[2..6], line => Assert.InRange(line.Length, 1, 80));
    }

    [Theory]
    [InlineData(2, "'--repetitions' must be 1 to 10000, not 0", "guide", "-r", "0")]
    [InlineData(2, "'--n-prompt' must be whole numbers from 0 to", "guide", "-p", "8,x")]
    [InlineData(2, "'--n-depth' must be", "guide", "-d", "-1")]
    [InlineData(2, "'--batch-size' must be whole numbers from 1 to 512", "guide", "-b", "513")]
    [InlineData(2, "'--threads' must be", "guide", "-t", "0")]
    [InlineData(2, "'-pg' must be two whole numbers", "guide", "-pg", "8")]
    [InlineData(2, "'--output' must be one of md, json, jsonl, csv, not 'xml'", "guide", "-o", "xml")]
    [InlineData(2, "nothing to measure", "guide", "-p", "0", "-n", "0")]
    [InlineData(2, "--flash", "guide", "--flash", "1")]
    [InlineData(3, "does not exist", "missing.gguf")]
    public async Task Failure_IsToldWithACode(int expectedCode, string expected, params string[] arguments)
    {
        (int code, string output, string error) = await HearthProcess.RunAsync(["bench", .. arguments]);

        Assert.Equal((expectedCode, string.Empty), (code, output));
        Assert.StartsWith("hearth: ", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }
}
