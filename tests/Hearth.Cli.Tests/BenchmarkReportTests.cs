using System.Text.Json.Nodes;
using Hearth.Cli.Benchmarking;
using Hearth.Engine.Benchmarking;

namespace Hearth.Cli.Tests;

public sealed class BenchmarkReportTests
{
    private static readonly BenchmarkModel s_model = new("/models/a \"b\", c.gguf", "A, B", "llama", 361_820_000, 270_540_544, "Q4_K_M");

    private static readonly BenchmarkResult s_prefill = new()
    {
        Model = s_model,
        Threads = 2,
        Test = new BenchmarkTest(512, 0, 0, 512),
        Samples = [Sample(1, 1.01), Sample(2, 2.02), Sample(4, 4.04)],
        ReadBandwidth = 30e9,
        PeakMemory = 100 << 20,
    };

    private static readonly BenchmarkResult s_decode = new()
    {
        Model = s_model,
        Threads = 2,
        Test = new BenchmarkTest(0, 100, 4096, 512),
        Samples = [Sample(2), Sample(1.25)],
        BytesPerToken = 250e6,
        ReadBandwidth = 30e9,
        PeakMemory = 120 << 20,
    };

    [Fact]
    public void Table_FitsATerminal()
    {
        string text = BenchmarkReport.Format([s_prefill, s_decode], warmup: true, "md");

        Assert.Equal(
            """
            A, B (llama), 361.82 M parameters, Q4_K_M, 258.0 MiB

            | threads | test          | tokens/s |     min..max | first token | GB/s | of read |
            | ------: | ------------- | -------: | -----------: | ----------: | ---: | ------: |
            |       2 | pp512         |    256.0 | 128.0..512.0 |     2020 ms |      |         |
            |       2 | tg100 @ d4096 |    65.00 | 50.00..80.00 |             | 16.2 |    54 % |

            Memory is read at 30.0 GB/s with 2 threads. Peak memory: 120 MiB, pages of the file included.

            """,
            text,
            ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Table_ShowsTheBatchSizeWhenItDiffers()
    {
        string text = BenchmarkReport.Format([s_prefill, s_prefill with { Threads = 1, Test = s_prefill.Test with { BatchTokens = 64 } }], warmup: true, "md");

        Assert.Contains("| threads | batch | test  |", text, StringComparison.Ordinal);
        Assert.Contains("|       1 |    64 | pp512 |", text, StringComparison.Ordinal);
        Assert.Contains("30.0 GB/s with 2 threads, 30.0 GB/s with 1 thread.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Table_CannotSteerTheTerminal()
    {
        string text = BenchmarkReport.Format([s_decode with { Model = s_model with { Name = "a\u001b[31m\nb" } }], warmup: true, "md");

        Assert.StartsWith("a [31m b (llama)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_HasEveryField()
    {
        JsonArray rows = JsonNode.Parse(BenchmarkReport.Format([s_prefill, s_decode], warmup: false, "json"))!.AsArray();

        JsonObject prefill = rows[0]!.AsObject(), decode = rows[1]!.AsObject();
        Assert.Equal(
            """
            "model_path":"/models/a \u0022b\u0022, c.gguf","model_name":"A, B","architecture":"llama","parameters":361820000,"file_bytes":270540544,"file_type":"Q4_K_M","threads":2,"test":"pp512","n_prompt":512,"n_gen":0,"n_depth":0,"batch_size":512,"warmup":false,"repetitions":3,"median_ts":256,"min_ts":128,"max_ts":512,"mad_ts":128,"samples_ts":[512,256,128],"first_token_ms":2020,"first_token_samples_ms":[1010,2020,4040],"bytes_per_token":null,"effective_gbps":null,"read_gbps":30,"bandwidth_fraction":null,"peak_memory_bytes":104857600}
            """,
            prefill.ToJsonString()[(prefill.ToJsonString().IndexOf(',', StringComparison.Ordinal) + 1)..]);
        Assert.Equal(prefill.Select(field => field.Key), decode.Select(field => field.Key));
        Assert.Equal((65d, 250_000_000L, 16.25, 0.5417), ((double)decode["median_ts"]!, (long)decode["bytes_per_token"]!, (double)decode["effective_gbps"]!, (double)decode["bandwidth_fraction"]!));
        Assert.Null(decode["first_token_ms"]);
        Assert.Empty(decode["first_token_samples_ms"]!.AsArray());
    }

    [Fact]
    public void JsonLines_AreTheElementsOfTheList()
    {
        string[] lines = BenchmarkReport.Format([s_prefill, s_decode], warmup: true, "jsonl").TrimEnd('\n').Split('\n');

        JsonArray list = JsonNode.Parse(BenchmarkReport.Format([s_prefill, s_decode], warmup: true, "json"))!.AsArray();
        Assert.Equal(list.Select(row => row!.ToJsonString()), lines.Select(line => JsonNode.Parse(line)!.ToJsonString()));
    }

    [Fact]
    public void Csv_HasAHeaderAndQuotesWhatNeedsIt()
    {
        string[] lines = BenchmarkReport.Format([s_prefill, s_decode], warmup: true, "csv").Split('\n');

        Assert.Equal(4, lines.Length);
        Assert.StartsWith("version,model_path,model_name,architecture,", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("samples", lines[0], StringComparison.Ordinal);
        Assert.Contains("""
            ,"/models/a ""b"", c.gguf","A, B",llama,361820000,270540544,Q4_K_M,2,pp512,512,0,0,512,true,3,256,128,512,128,2020,,,30,,104857600
            """, lines[1], StringComparison.Ordinal);
        Assert.EndsWith(",tg100 @ d4096,0,100,4096,512,true,2,65,50,80,15,,250000000,16.25,30,0.5417,125829120", lines[2], StringComparison.Ordinal);
        Assert.Empty(lines[3]);
    }

    private static BenchmarkSample Sample(double seconds, double? firstToken = null) =>
        new(TimeSpan.FromSeconds(seconds), firstToken is double first ? TimeSpan.FromSeconds(first) : null);
}
