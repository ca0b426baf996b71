using System.CommandLine;
using System.Globalization;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Scheduling;
using Hearth.Kernels.Attention;

namespace Hearth.Benchmarks.Attention;

/// <summary><c>cache-error</c>: how far the types of the key-value cache move logits away from those with floats.</summary>
internal static class CacheErrorCommand
{
    public static Command Create()
    {
        Argument<string[]> models = new("models") { Description = "GGUF files.", Arity = ArgumentArity.OneOrMore };
        Option<string?> ids = new("--ids") { Description = "A file of token ids with spaces between; without it, --tokens made ones." };
        Option<int> tokens = new("--tokens") { Description = "Tokens to make.", DefaultValueFactory = _ => 96 };
        Command command = new("cache-error", "Measure the error of logits with each type of the key-value cache (NMSE against F32).")
        {
            models, ids, tokens,
        };
        command.SetAction(result => Run(result.GetRequiredValue(models), result.GetValue(ids), result.GetValue(tokens)));
        return command;
    }

    private static int Run(string[] models, string? idsFile, int tokens)
    {
        KvElementType[] types = [.. Enum.GetValues<KvElementType>().Where(type => type != KvElementType.F32)];
        try
        {
            Console.WriteLine($"{"NMSE",-32}" + string.Concat(types.Select(type => $"{type,12}")));
            foreach (string model in models)
            {
                List<float> expected = Logits(model, KvElementType.F32, idsFile, tokens);
                IEnumerable<double> errors = types.Select(type => Error(expected, Logits(model, type, idsFile, tokens)));
                Console.WriteLine($"{Path.GetFileName(model),-32}"
                    + string.Concat(errors.Select(error => string.Create(CultureInfo.InvariantCulture, $"{error,12:E1}"))));
            }

            return 0;
        }
        catch (Exception exception) when (exception is GgufException or ModelException or IOException or ArgumentException)
        {
            Console.Error.WriteLine(exception.Message);
            return 1;
        }
    }

    private static List<float> Logits(string model, KvElementType type, string? idsFile, int tokens)
    {
        using LogitScorer scorer = LogitScorer.Load(model, new LanguageModelOptions { CacheType = type });
        int vocabulary = scorer.Config.VocabularySize;
        int[] ids = idsFile is null
            ? [.. Enumerable.Range(0, tokens).Select(i => ((i * 37) + 11) % vocabulary)]
            : [.. File.ReadAllText(idsFile).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        List<float> logits = [];
        scorer.Score(ids, row => logits.AddRange(row));
        return logits;
    }

    private static double Error(List<float> expected, List<float> actual)
    {
        double difference = 0, size = 0;
        for (int i = 0; i < expected.Count; i++)
        {
            difference += Math.Pow(actual[i] - expected[i], 2);
            size += Math.Pow(expected[i], 2);
        }

        return difference / size;
    }
}
