using System.CommandLine;
using System.Diagnostics;
using Hearth.Cli.Models;
using Hearth.Cli.Progress;
using Hearth.Engine.Gguf;
using Hearth.Engine.Quantization;
using Hearth.Kernels.Formats;
using Hearth.Kernels.Threading;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth quantize</c>.</summary>
internal sealed class QuantizeCommand
{
    private const double Mebibyte = 1 << 20;

    private readonly Argument<string> _input = new("in")
    {
        Description = "A model of F32, F16 or BF16: the path of a GGUF file, 'guide', or a stored model",
        HelpName = "IN",
    };

    private readonly Argument<string> _output = new("out") { Description = "The path of the GGUF file to write", HelpName = "OUT" };
    private readonly Argument<string> _type = new("type")
    {
        Description = $"The file type: {string.Join(", ", QuantizationOptions.FileTypes)}",
        HelpName = "TYPE",
    };

    private readonly Option<string> _outputType = new("--output-tensor-type")
    {
        Description = "The tensor type of the output matrix",
        HelpName = "TYPE",
    };

    private readonly Option<string> _embeddingType = new("--token-embedding-type")
    {
        Description = "The tensor type of the token embeddings",
        HelpName = "TYPE",
    };

    private readonly Option<string[]> _rules = new("--tensor-type")
    {
        Description = "The tensor type of tensors whose names match a regular expression; repeatable, the first that matches counts",
        HelpName = "PATTERN=TYPE",
    };

    private readonly Option<bool> _pure = new("--pure") { Description = "Give all matrices one type, output and embeddings too" };
    private readonly Option<bool> _requantize = new("--requantize") { Description = "Round quantised tensors once more, at a loss" };
    private readonly Option<bool> _force = new("--force", "-f") { Description = "Replace OUT if it exists" };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Print the types and sizes; write nothing" };
    private readonly Option<int> _threads = new("--threads", "-t")
    {
        Description = "Threads that compute, at most one per logical core [default: one per physical core]",
        HelpName = "N",
    };

    private readonly CliContext _context;

    private QuantizeCommand(CliContext context)
    {
        _context = context;
        _threads.Validators.Add(result => ModelOptions.Require(result, minimum: 1, maximum: ComputePool.MaximumThreads));
    }

    public static Command Create(CliContext context)
    {
        QuantizeCommand quantize = new(context);
        Command command = new("quantize", "Write a model with smaller weights.")
        {
            quantize._input,
            quantize._output,
            quantize._type,
            quantize._outputType,
            quantize._embeddingType,
            quantize._rules,
            quantize._pure,
            quantize._requantize,
            quantize._force,
            quantize._dryRun,
            quantize._threads,
        };
        return command.DoStoppable(context, (parsed, cancellationToken) => Task.FromResult(quantize.Run(parsed, cancellationToken)));
    }

    private int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        QuantizationOptions options = Options(parsed);
        string output = parsed.GetValue(_output)!;
        using GgufFile model = new ModelResolver(_context).Resolve(parsed.GetValue(_input)!).Weights.Open();
        QuantizationPlan plan = QuantizationPlan.Create(model, options);
        if (parsed.GetValue(_dryRun))
        {
            Print(plan);
            Console.WriteLine($"{Sizes(plan)}; nothing was written");
            return ExitCode.Success;
        }

        long start = Stopwatch.GetTimestamp();
        using (ComputePool pool = new(Math.Min(parsed.GetValue(_threads), Environment.ProcessorCount)))
        using (ProgressLine line = new(plan.SourceBytes))
        {
            void Show(QuantizationProgress progress) => line.Show(progress.SourceBytes, plan.Tensors[progress.Tensor].Source.Name);
            Quantizer.Run(model, plan, output, parsed.GetValue(_force), pool, Show, cancellationToken);
        }

        Console.WriteLine($"{TerminalText.Printable(output)}: {Sizes(plan)}, in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
        return ExitCode.Success;
    }

    private QuantizationOptions Options(ParseResult parsed) => new()
    {
        Type = parsed.GetValue(_type)!,
        OutputTensorType = Type(parsed.GetValue(_outputType)),
        TokenEmbeddingType = Type(parsed.GetValue(_embeddingType)),
        TensorTypes = [.. (parsed.GetValue(_rules) ?? []).Select(TensorTypeRule.Parse)],
        Pure = parsed.GetValue(_pure),
        Requantize = parsed.GetValue(_requantize),
    };

    private static TensorType? Type(string? name) => name is null ? null : QuantizationPlan.ParseType(name);

    private static void Print(QuantizationPlan plan)
    {
        foreach (PlannedTensor tensor in plan.Tensors)
        {
            string from = TensorTypes.Get(tensor.Source.Type).Name, to = TensorTypes.Get(tensor.Type).Name;
            Console.WriteLine(
                $"{TerminalText.Printable(tensor.Source.Name)}  {tensor.Source.Shape}  "
                + (from == to
                    ? $"{from}  {Megabytes(tensor.ByteLength)}"
                    : $"{from} -> {to}  {Megabytes(tensor.Source.ByteLength)} -> {Megabytes(tensor.ByteLength)}")
                + (tensor.IsFallback ? "  (its rows are not whole blocks of a smaller type)" : string.Empty));
        }
    }

    private static string Sizes(QuantizationPlan plan)
    {
        int fallbacks = plan.Tensors.Count(tensor => tensor.IsFallback);
        string sizes = $"{plan.FileTypeName}, {Megabytes(plan.SourceBytes)} -> {Megabytes(plan.TargetBytes)}, "
            + $"{plan.BitsPerWeight:F2} bits per weight";
        return fallbacks == 0
            ? sizes
            : $"{sizes}, {fallbacks} of {plan.Tensors.Count} tensors in a larger type because of their row length";
    }

    private static string Megabytes(long bytes) => $"{bytes / Mebibyte:F2} MiB";
}
