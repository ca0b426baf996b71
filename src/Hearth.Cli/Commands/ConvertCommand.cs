using System.CommandLine;
using System.Diagnostics;
using Hearth.Cli.Progress;
using Hearth.Engine.Conversion;
using Hearth.Kernels.Formats;
using Hearth.Kernels.Threading;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth convert</c>.</summary>
internal sealed class ConvertCommand
{
    private const double Mebibyte = 1 << 20;

    private readonly Argument<string> _folder = new("dir")
    {
        Description = "A Hugging Face model folder: config.json, .safetensors files, a tokenizer",
        HelpName = "DIR",
    };

    private readonly Argument<string> _output = new("out") { Description = "The path of the GGUF file to write", HelpName = "OUT" };
    private readonly Option<string> _type = new("--type")
    {
        Description = $"The type of matrices: {string.Join(", ", ConversionOptions.FileTypes)} [default: BF16 for BF16 weights, else F16]",
        HelpName = "TYPE",
    };

    private readonly Option<string> _name = new("--name")
    {
        Description = "The model's name in the file [default: the folder's]",
        HelpName = "TEXT",
    };

    private readonly Option<string> _preTokenizer = new("--pre")
    {
        Description = "The pre-tokenizer of a byte-level tokenizer [default: found from tokenizer.json]",
        HelpName = "NAME",
    };

    private readonly Option<bool> _force = new("--force", "-f") { Description = "Replace OUT if it exists" };
    private readonly Option<int> _threads = new("--threads", "-t")
    {
        Description = "Threads that compute, at most one per logical core [default: one per physical core]",
        HelpName = "N",
    };

    private ConvertCommand() =>
        _threads.Validators.Add(result => ModelOptions.Require(result, minimum: 1, maximum: ComputePool.MaximumThreads));

    public static Command Create()
    {
        ConvertCommand convert = new();
        Command command = new("convert", "Write a Hugging Face model folder as a GGUF file.")
        {
            convert._folder, convert._output, convert._type, convert._name, convert._preTokenizer, convert._force, convert._threads,
        };
        command.SetAction((parsed, cancellationToken) => StoppableWork.RunAsync(stop => convert.Run(parsed, stop), cancellationToken));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        string output = parsed.GetValue(_output)!;
        ConversionOptions options = new()
        {
            Type = parsed.GetValue(_type) is string type ? ConversionOptions.ParseType(type) : null,
            Name = parsed.GetValue(_name),
            PreTokenizer = parsed.GetValue(_preTokenizer),
        };
        bool force = parsed.GetValue(_force);
        ModelConversion.CheckTarget(output, force);
        long start = Stopwatch.GetTimestamp();
        using ModelConversion conversion = ModelConversion.Open(parsed.GetValue(_folder)!, options);
        foreach (string note in conversion.Notes)
        {
            Console.Error.WriteLine(TerminalText.Printable(note));
        }

        using (ComputePool pool = new(Math.Min(parsed.GetValue(_threads), Environment.ProcessorCount)))
        using (ProgressLine line = new(conversion.SourceBytes))
        {
            conversion.Save(output, force, pool, progress => line.Show(progress.SourceBytes, progress.Tensor), cancellationToken);
        }

        Console.WriteLine(
            $"{TerminalText.Printable(output)}: {conversion.Architecture}, {conversion.Tensors.Count} tensors, "
            + $"{TensorTypes.Get(conversion.Type).Name}, {conversion.TargetBytes / Mebibyte:F2} MiB, in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
        return ExitCode.Success;
    }
}
