using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Hearth.Cli.Models;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Kernels.Formats;
using Hearth.Server.Hosting;
using Hearth.Server.ModelRunner;
using Hearth.Server.Models;
using Hearth.Server.Settings;
using Hearth.Store;
using Hearth.Store.Manifests;
using Hearth.Store.Packaging;
using Hearth.Store.References;
using Hearth.Store.Transfer;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth inspect</c>.</summary>
internal static class InspectCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string> model = new("model") { Description = "The path of a GGUF file, 'guide', or a stored model", HelpName = ModelArguments.Stored };
        Option<bool> tensors = new("--tensors") { Description = "List every tensor too" };
        Option<bool> json = ModelArguments.Json("Print the model as an object in JSON, as Docker Model Runner's API has it");
        Option<bool> remote = new("--remote", "-r") { Description = "Ask the registry for a model that need not be here; the object in JSON" };
        Option<bool> insecure = ModelArguments.Insecure();
        Command command = new("inspect", "Print what a model says of itself: metadata, parameters, types, context; and the settings in force.") { model, tensors, json, remote, insecure };
        return command.Do(context, async (parsed, cancellationToken) =>
        {
            string named = parsed.GetValue(model)!;
            if (parsed.GetValue(remote))
            {
                await PrintRemoteAsync(context, named, parsed.GetValue(insecure), cancellationToken);
                return ExitCode.Success;
            }

            ResolvedModel resolved = new ModelResolver(context).Resolve(named);
            if (parsed.GetValue(json))
            {
                PrintJson(context, resolved);
                return ExitCode.Success;
            }

            using GgufFile file = resolved.Weights.Open();
            if (resolved.Stored is { } stored)
            {
                Console.WriteLine($"{"model",-16}{TerminalText.Printable(string.Join(", ", stored.References.Select(reference => reference.Display)))}");
                Console.WriteLine($"{"id",-16}{stored.Id}");
            }

            Print(GgufSummary.Describe(file));
            PrintSettings(resolved);
            if (parsed.GetValue(tensors))
            {
                PrintTensors(file.Tensors);
            }

            return ExitCode.Success;
        });
    }

    private static void PrintJson(CliContext context, ResolvedModel resolved)
    {
        ModelEntry described;
        if (resolved.Stored is { } stored)
        {
            described = ModelEntry.Of(ModelObject.Of(context.OpenStore(), stored), stored.Size);
        }
        else
        {
            GgufFacts facts = StoreFactory.Read([resolved.Weights.First]);
            described = new ModelEntry
            {
                Tags = [],
                SizeBytes = facts.Bytes,
                Location = Path.GetFullPath(resolved.Weights.First),
                Config = new ModelObjectConfig
                {
                    Format = "gguf",
                    Quantization = facts.FileType ?? string.Empty,
                    Parameters = GgufSummary.FormatParameters(facts.Parameters),
                    Architecture = facts.Architecture ?? string.Empty,
                    Size = HumanText.Size(facts.Bytes),
                    Gguf = facts.Metadata,
                },
            };
        }

        context.Output.WriteLine(JsonSerializer.Serialize(described, ModelJson.Plain.ModelEntry));
    }

    private static async Task PrintRemoteAsync(CliContext context, string named, bool insecure, CancellationToken cancellationToken)
    {
        ModelStore store = context.OpenStore();
        ModelReference reference = store.ParseReference(named);
        (Manifest manifest, byte[] config) = await store.InspectRemoteAsync(reference, new TransferOptions { Insecure = insecure }, cancellationToken);
        ModelObject described = ModelObject.Of(manifest.Digest, [reference.ToString()], manifest.ReadFacts(config), config);
        context.Output.WriteLine(JsonSerializer.Serialize(ModelEntry.Of(described, manifest.Size), ModelJson.Plain.ModelEntry));
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

    private static void PrintSettings(ResolvedModel model)
    {
        ModelSettings settings = SettingsStore.OpenDefault().Get(model.SettingsKey);
        ServedModelOptions? packaged = model.Packaged();
        Console.WriteLine();
        try
        {
            ConfigureCommand.Print(ModelHeader.Read(model.Weights, settings.ToOptions(packaged).Load.Adapters), settings, packaged);
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
