using System.Text;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Tests.Models;
using Hearth.Engine.Tests.Models.Synthesis;
using Hearth.Engine.Tokenization;
using Hearth.Engine.Tokenization.PreTokenization;
using Hearth.Kernels.Formats;
using Hearth.Kernels.MatMul;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Documentation;

/// <summary>The tables of docs/models.md are made here, from the code; set HEARTH_WRITE_DOCS=1 to write them.</summary>
public sealed class SupportedModelsTests
{
    private const string Begin = "<!-- made by SupportedModelsTests -->\n";

    // Architectures of the golden models beside the repository.
    private static readonly string[] s_golden =
    [
        "bert", "command-r", "deepseek2", "gemma", "gemma2", "gemma3", "gpt-oss", "gpt2", "granite", "llama",
        "mistral3", "nomic-bert", "olmoe", "phi2", "phi3", "qwen2", "qwen3", "qwen3moe", "smollm3",
        "starcoder2",
    ];

    [Fact]
    public void EveryArchitecture_IsCheckedAgainstTheReferenceEngine()
    {
        string[] missing = [.. ModelFamily.Supported.Except(ModelCases.All.Select(model => model.Architecture))];

        Assert.Empty(missing);
    }

    [Theory]
    [InlineData("archs")]
    [InlineData("embeddings")]
    public void GoldenModels_AreInTheTable(string folder)
    {
        foreach (string name in Golden.Names(folder, ".gguf"))
        {
            using GgufFile file = GgufFile.Open(Golden.Path(folder, name + ".gguf"));

            Assert.Contains(file.Metadata.GetString("general.architecture"), s_golden);
        }
    }

    [Fact]
    public void ModelsPage_SaysWhatTheCodeSupports()
    {
        string path = Path.Combine(Golden.RepositoryRoot, "docs", "models.md");
        string page = File.ReadAllText(path);
        string expected = page[..(page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length)] + Tables();
        if (Environment.GetEnvironmentVariable("HEARTH_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.Equal(expected, page);
    }

    private static string Tables()
    {
        StringBuilder text = new();
        text.Append("\n## Architectures\n\n");
        string[] supported = [.. ModelFamily.Supported];
        text.Append($"{supported.Length} architectures, each checked against the reference engine: {ModelCases.All.Count} small models with ");
        text.Append("random weights give the\nlogits, the states, the embedding or the ranks that llama.cpp gives for them. NMSE: the normalised mean squared error of the one that\n");
        text.Append("is furthest off, rounded up to a power of ten. Golden: also tested with a model that another program made. Since: the first version.\n\n");
        text.Append("| architecture | models | NMSE | golden | since |\n| --- | --- | --- | --- | --- |\n");
        foreach (string name in supported)
        {
            ModelCase[] models = [.. ModelCases.All.Where(model => model.Architecture == name)];
            string error = models.Length == 0 ? "" : PowerOfTen(models.Max(ReferenceTests.Error));
            string golden = s_golden.Contains(name) ? "yes" : "";
            text.Append($"| {name} | {models.Length} | {error} | {golden} | {models.Select(model => model.Since).Min(StringComparer.Ordinal)} |\n");
        }

        text.Append("\n## Tensor formats\n\n| format | bits per weight | block | products |\n| --- | --- | --- | --- |\n");
        foreach (TensorTypeInfo info in TensorTypes.All.Where(info => CanDecode(info)))
        {
            double bits = 8.0 * info.BlockBytes / info.BlockElements;
            string product = Activations.FormatFor(info.Type) switch { ActivationFormats.F32 => "32-bit floats", ActivationFormats.Half => "16-bit floats", _ => "8-bit integers" };
            text.Append($"| {info.Name} | {bits:0.####} | {info.BlockElements} | {product} |\n");
        }

        text.Append("\n## Vocabularies\n\n`tokenizer.ggml.model`: ");
        text.AppendJoin(", ", TokenizerSettings.Models.Select(Vocabulary)).Append("\n\n`tokenizer.ggml.pre`: ");
        text.AppendJoin(", ", PreTokenizers.Names.Select(name => $"`{name}`")).Append('\n');
        AppendFamilies(text);
        return text.ToString();
    }

    private static void AppendFamilies(StringBuilder text)
    {
        string folder = Path.Combine(Golden.RepositoryRoot, "src", "Hearth.Engine", "Models", "Families");
        (string Name, int Lines)[] families = [.. Directory.GetFiles(folder, "*Family.cs")
            .Select(path => (Name: Path.GetFileName(path), Lines: File.ReadLines(path).Count()))
            .OrderBy(family => family.Lines)
            .ThenBy(family => family.Name, StringComparer.Ordinal)];
        text.Append("\n## Families\n\nThe three shortest files, whole:\n");
        foreach ((string name, int lines) in families.Take(3))
        {
            text.Append($"\n`{name}`, {lines} lines:\n\n```csharp\n{File.ReadAllText(Path.Combine(folder, name)).TrimStart('\uFEFF').TrimEnd()}\n```\n");
        }
    }

    private static string Vocabulary(string model)
    {
        GgufMetadata metadata = GgufMetadata.FromPairs([new("tokenizer.ggml.model", model), new("tokenizer.ggml.pre", "gpt-2")]);
        TokenizerKind kind = TokenizerSettings.Read(metadata).Kind;
        return kind == TokenizerKind.None ? $"`{model}` (ids only)" : $"`{model}` ({Tokenizer.NameOf(kind)})";
    }

    private static string PowerOfTen(double error) => error == 0 ? "0" : $"1e{Math.Ceiling(Math.Log10(error))}";

    private static bool CanDecode(TensorTypeInfo info)
    {
        try
        {
            BlockCodec.Decode(info.Type, new byte[info.BlockBytes], new float[info.BlockElements]);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
