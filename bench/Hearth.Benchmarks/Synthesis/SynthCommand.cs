using System.CommandLine;
using System.Diagnostics;
using Hearth.Engine.Gguf;
using Hearth.Engine.Quantization;

namespace Hearth.Benchmarks.Synthesis;

/// <summary><c>synth</c>: writes a model with random weights.</summary>
internal static class SynthCommand
{
    public static Command Create()
    {
        Option<string> shape = new("--shape") { Description = $"The model's sizes: {ModelShape.Names}.", Required = true };
        Option<string> type = new("--type") { Description = "The file type: F16, Q8_0, Q4_K_M, IQ4_XS and so on.", Required = true };
        Option<string> output = new("--out") { Description = "The file to write.", Required = true };
        Option<string?> vocabulary = new("--vocab")
        {
            Description = "A GGUF file whose vocabulary is copied; by default the one of the golden vocabularies that fits the shape.",
        };
        Option<int> seed = new("--seed") { Description = "The same seed gives the same file.", DefaultValueFactory = _ => 1 };
        Option<bool> pure = new("--pure") { Description = "Give all matrices the file type's default type." };
        Command command = new("synth", "Write a model of real sizes and types with random weights.")
        {
            shape, type, output, vocabulary, seed, pure,
        };
        command.SetAction(result => Run(
            result.GetRequiredValue(shape),
            result.GetRequiredValue(type),
            result.GetRequiredValue(output),
            result.GetValue(vocabulary),
            result.GetValue(seed),
            result.GetValue(pure)));
        return command;
    }

    private static int Run(string shapeName, string typeName, string output, string? vocabularyPath, int seed, bool pure)
    {
        if (ModelShape.Find(shapeName) is not { } shape)
        {
            Console.Error.WriteLine($"There is no shape '{shapeName}'; there are {ModelShape.Names}.");
            return 1;
        }

        if (FileType.Find(typeName) is not { } fileType)
        {
            Console.Error.WriteLine($"There is no file type '{typeName}'; try F16, Q8_0, Q6_K, Q5_K_M, Q4_K_M, Q3_K_M, IQ4_XS.");
            return 1;
        }

        try
        {
            Stopwatch watch = Stopwatch.StartNew();
            using (GgufFile vocabulary = GgufFile.Open(vocabularyPath ?? FindVocabulary(shape.Vocabulary)))
            {
                ModelSynthesizer.Write(output, shape, fileType, pure, vocabulary.Metadata, seed);
            }

            using GgufFile file = GgufFile.Open(output);
            GgufSummary summary = GgufSummary.Describe(file);
            Console.WriteLine(
                $"{output}: {GgufSummary.FormatParameters(summary.Parameters)} parameters, {summary.FileType}, "
                + $"{summary.FileLength / 1048576.0:F1} MiB, {summary.BitsPerWeight:F2} bits per weight, "
                + $"{watch.Elapsed.TotalSeconds:F1} s");
            Console.WriteLine(string.Join(", ", summary.TensorTypes.Select(count => $"{count.Type} {count.Count}")));
            return 0;
        }
        catch (Exception exception) when (exception is GgufException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(exception.Message);
            return 1;
        }
    }

    /// <summary>Looks for <c>shared/golden/vocab</c> beside the repository, from the current folder upwards.</summary>
    private static string FindVocabulary(string name)
    {
        for (DirectoryInfo? folder = new(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", "golden", "vocab", name);
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw GgufException.FileNotFound(Path.Combine("shared", "golden", "vocab", name));
    }
}
