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
        text.Append("Models: small ones with random weights whose logits or embeddings are compared with llama.cpp's. NMSE: the normalised mean squared\n");
        text.Append("error of the one that is furthest off, rounded up to a power of ten.\n\n| architecture | models | NMSE |\n| --- | --- | --- |\n");
        foreach (string name in ModelFamily.Supported)
        {
            ModelCase[] models = [.. ModelCases.All.Where(model => model.Architecture == name)];
            text.Append($"| {name} | {models.Length} | {(models.Length == 0 ? "" : PowerOfTen(models.Max(ReferenceTests.Error)))} |\n");
        }

        text.Append("\n## Tensor formats\n\n| format | bits per weight | block | products |\n| --- | --- | --- | --- |\n");
        foreach (TensorTypeInfo info in TensorTypes.All.Where(info => CanDecode(info)))
        {
            double bits = 8.0 * info.BlockBytes / info.BlockElements;
            string product = Activations.FormatFor(info.Type) == ActivationFormats.F32 ? "32-bit floats" : "8-bit integers";
            text.Append($"| {info.Name} | {bits:0.####} | {info.BlockElements} | {product} |\n");
        }

        text.Append("\n## Vocabularies\n\n`tokenizer.ggml.model`: ");
        text.AppendJoin(", ", TokenizerSettings.Models.Select(Vocabulary)).Append("\n\n`tokenizer.ggml.pre`: ");
        text.AppendJoin(", ", PreTokenizers.Names.Select(name => $"`{name}`")).Append('\n');
        return text.ToString();
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
