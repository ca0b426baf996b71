using System.CommandLine;
using System.Globalization;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Kernels.Formats;
using Hearth.Server;
using Hearth.Server.Settings;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth inspect</c>.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        Argument<string> file = new("file") { Description = "The path of a GGUF file, or 'guide'", HelpName = "FILE" };
        Option<bool> tensors = new("--tensors") { Description = "List every tensor too" };
        Command command = new("inspect", "Print what a model file says of itself: metadata, parameters, types, context; and the settings in force.") { file, tensors };
        command.SetAction((parsed, cancellationToken) => CliErrors.RunAsync(
            () =>
            {
                string named = parsed.GetValue(file)!;
                using GgufFile model = GgufFile.Open(BuiltInModels.Resolve(named));
                Print(GgufSummary.Describe(model));
                PrintSettings(named);
                if (parsed.GetValue(tensors))
                {
                    PrintTensors(model.Tensors);
                }

                return Task.FromResult(ExitCode.Success);
            },
            cancellationToken));
        return command;
    }

    private static void Print(GgufSummary summary)
    {
        (string Name, string? Value)[] rows =
        [
            ("name", summary.Name),
            ("architecture", summary.Architecture),
            ("parameters", summary.TensorCount == 0 ? "none: a vocabulary only" : GgufSummary.FormatParameters(summary.Parameters)),
            ("file type", summary.FileType is null ? null : summary.FileType + (summary.FileTypeIsGuessed ? " (from the tensors)" : string.Empty)),
            ("size", $"{Megabytes(summary.FileLength)}{(summary.BitsPerWeight > 0 ? $", {summary.BitsPerWeight:F2} bits per weight" : string.Empty)}"),
            ("format", $"GGUF v{summary.Version}{(summary.PartCount > 1 ? $", {summary.PartCount} files" : string.Empty)}"),
            ("tensors", string.Join(", ", summary.TensorTypes.Select(type => $"{TensorTypes.Get(type.Type).Name} {type.Count}"))),
            ("context", Number(summary.ContextLength)),
            ("embedding", Number(summary.EmbeddingLength)),
            ("layers", Number(summary.LayerCount)),
            ("heads", summary.KeyValueHeadCount is null ? summary.HeadCount : $"{summary.HeadCount} ({summary.KeyValueHeadCount} for keys and values)"),
            ("feed forward", summary.FeedForwardLength),
            ("experts", summary.ExpertCount is null or 0 ? null : $"{summary.ExpertCount} ({summary.ExpertUsedCount} used)"),
            ("sliding window", Number(summary.SlidingWindow)),
            ("rope", Rope(summary)),
            ("vocabulary", summary.VocabularySize is null ? null : $"{summary.VocabularySize} tokens, {summary.VocabularyKind}{(summary.PreTokenizer is null ? string.Empty : $", {summary.PreTokenizer}")}"),
            ("special tokens", string.Join(", ", summary.SpecialTokens.Select(token => $"{token.Role} {token.Id} {token.Text}"))),
            ("chat template", summary.HasChatTemplate ? "yes" : "no: ChatML is used"),
        ];
        foreach ((string name, string? value) in rows)
        {
            if (!string.IsNullOrEmpty(value))
            {
                Console.WriteLine($"{name,-16}{TerminalText.Printable(value)}");
            }
        }

        Console.WriteLine();
        foreach (GgufEntry entry in summary.Entries)
        {
            Console.WriteLine($"{TerminalText.Printable(entry.Key)}  {entry.Type}  {TerminalText.Printable(entry.Text)}");
        }
    }

    private static void PrintSettings(string model)
    {
        ModelSettings settings = SettingsStore.OpenDefault().Get(SettingsStore.KeyOf(model));
        Console.WriteLine();
        try
        {
            ConfigureCommand.Print(ModelHeader.Read(BuiltInModels.Resolve(model), settings.ToOptions().Load.Adapters), settings);
        }
        catch (ModelException exception)
        {
            // What Hearth cannot run has no settings, but its header is of interest all the same.
            Console.WriteLine(TerminalText.Printable(exception.Message));
        }
    }

    private static void PrintTensors(IReadOnlyList<GgufTensor> tensors)
    {
        Console.WriteLine();
        foreach (GgufTensor tensor in tensors)
        {
            Console.WriteLine($"{TerminalText.Printable(tensor.Name)}  {TensorTypes.Get(tensor.Type).Name}  {tensor.Shape}");
        }
    }

    private static string? Rope(GgufSummary summary)
    {
        List<string> parts = [];
        if (summary.RopeDimensionCount is long dimensions)
        {
            parts.Add($"{dimensions} dimensions");
        }

        if (summary.RopeFrequencyBase is double frequencyBase)
        {
            parts.Add($"base {frequencyBase.ToString(CultureInfo.InvariantCulture)}");
        }

        if (summary.RopeScaling is string scaling)
        {
            parts.Add($"{scaling} scaling{(summary.RopeScalingFactor is double factor ? $" by {factor.ToString(CultureInfo.InvariantCulture)}" : string.Empty)}");
        }

        return parts.Count == 0 ? null : string.Join(", ", parts);
    }

    private static string Megabytes(long bytes) => bytes >= 1L << 30 ? $"{bytes / (double)(1L << 30):F2} GiB" : $"{bytes / (double)(1L << 20):F2} MiB";

    private static string? Number(long? value) => value?.ToString(CultureInfo.InvariantCulture);
}
