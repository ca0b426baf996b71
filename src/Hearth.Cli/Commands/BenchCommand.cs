using System.CommandLine;
using Hearth.Cli.Benchmarking;
using Hearth.Cli.Models;
using Hearth.Cli.Progress;
using Hearth.Engine.Benchmarking;
using Hearth.Engine.Models;
using Hearth.Kernels.Threading;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth bench</c>.</summary>
internal sealed class BenchCommand
{
    private const int MaximumTokens = 1 << 24;
    private static readonly int[] s_prompts = [512], s_generations = [128], s_depths = [0], s_batches = [Decoder.MaxBatchTokens], s_threads = [0];
    private readonly Argument<string> _model = new("model") { Description = "The path of a GGUF file, 'guide', or a stored model", HelpName = "MODEL" };
    private readonly Option<int[]> _prompts =
        ListOptions.Numbers("--n-prompt", "-p", "Tokens of a prompt to read; 0 for none [default: 512]", 0, MaximumTokens);

    private readonly Option<int[]> _generations =
        ListOptions.Numbers("--n-gen", "-n", "Tokens to make one by one; 0 for none [default: 128]", 0, MaximumTokens);

    private readonly Option<(int Prompt, int Generation)[]> _pairs =
        ListOptions.Pairs("-pg", "A prompt and the tokens that follow it, measured as one; may be given several times", MaximumTokens);

    private readonly Option<int[]> _depths =
        ListOptions.Numbers("--n-depth", "-d", "Tokens that are in the cache before [default: 0]", 0, MaximumTokens);

    private readonly Option<int[]> _batches = ListOptions.Numbers(
        "--batch-size", "-b", $"Tokens of a prompt that a step takes [default: {Decoder.MaxBatchTokens}]", 1, Decoder.MaxBatchTokens);

    private readonly Option<int[]> _threads = ListOptions.Numbers(
        "--threads", "-t", "Threads that compute, at most one per logical core [default: one per physical core]", 1, ComputePool.MaximumThreads);

    private readonly Option<int> _repetitions = new("--repetitions", "-r")
    {
        Description = "Measurements of each test",
        DefaultValueFactory = _ => 5,
        HelpName = "N",
    };

    private readonly Option<bool> _noWarmup = new("--no-warmup") { Description = "Measure each test from its first run on" };
    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "A table in Markdown, a list in JSON, a line of JSON or of CSV for each test",
        DefaultValueFactory = _ => "md",
        HelpName = string.Join('|', BenchmarkReport.Formats),
    };

    private readonly CliContext _context;

    private BenchCommand(CliContext context)
    {
        _context = context;
        _repetitions.Validators.Add(result => ModelOptions.Require(result, minimum: 1, maximum: 10_000));
        _output.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !BenchmarkReport.Formats.Contains(token.Value))
            {
                result.AddError($"'{result.Option.Name}' must be one of {string.Join(", ", BenchmarkReport.Formats)}, not '{token.Value}'.");
            }
        });
    }

    public static Command Create(CliContext context)
    {
        BenchCommand bench = new(context);
        Command command = new("bench", "Measure how fast a model reads prompts and makes tokens. Of lists, every combination is a test.")
        {
            bench._model,
            bench._prompts,
            bench._generations,
            bench._pairs,
            bench._depths,
            bench._batches,
            bench._threads,
            bench._repetitions,
            bench._noWarmup,
            bench._output,
        };
        return command.DoStoppable(context, (parsed, cancellationToken) => Task.FromResult(bench.Run(parsed, cancellationToken)));
    }

    private int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        BenchmarkOptions options = Options(parsed);
        IReadOnlyList<BenchmarkResult> results;
        using (ProgressLine line = new(100))
        {
            results = Benchmark.Run(
                new ModelResolver(_context).Resolve(parsed.GetValue(_model)!).Weights.First,
                options,
                progress => line.Show(100L * progress.Done / progress.Total, progress.Test),
                cancellationToken);
        }

        Console.Write(BenchmarkReport.Format(results, options.Warmup, parsed.GetValue(_output)!));
        return ExitCode.Success;
    }

    private BenchmarkOptions Options(ParseResult parsed)
    {
        int[] Given(Option<int[]> option, int[] otherwise) => parsed.GetValue(option) is { Length: > 0 } values ? values : otherwise;

        IReadOnlyList<BenchmarkTest> tests = BenchmarkTest.Combine(
            Given(_prompts, s_prompts),
            Given(_generations, s_generations),
            parsed.GetValue(_pairs) ?? [],
            Given(_depths, s_depths),
            Given(_batches, s_batches));
        return new BenchmarkOptions
        {
            Tests = tests.Count > 0 ? tests : throw new CliUsageException("There is nothing to measure: give --n-prompt, --n-gen or -pg a number above 0."),
            Threads = [.. Given(_threads, s_threads).Select(threads => Math.Min(threads, Environment.ProcessorCount))],
            Repetitions = parsed.GetValue(_repetitions),
            Warmup = !parsed.GetValue(_noWarmup),
        };
    }
}
