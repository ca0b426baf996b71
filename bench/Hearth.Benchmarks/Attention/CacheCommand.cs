using System.CommandLine;
using System.Globalization;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Kernels.Attention;

namespace Hearth.Benchmarks.Attention;

/// <summary><c>cache</c>: what the types of the key-value cache cost, in time at a depth of context and in error.</summary>
internal static class CacheCommand
{
    public static Command Create()
    {
        Option<string> model = new("--model") { Description = "The GGUF file.", Required = true };
        Option<KvElementType[]> types = new("--types")
        {
            Description = "Cache types to take in turns.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => Enum.GetValues<KvElementType>(),
        };
        Option<int[]> depths = new("--depths")
        {
            Description = "Positions in the cache before.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [512, 4096, 8192],
        };
        Option<int> threads = Number("--threads", "Threads.", Environment.ProcessorCount);
        Option<int> rounds = Number("--rounds", "Measurements of each.", 3);
        Option<int> tokens = Number("--tokens", "Tokens of a measurement.", 32);
        Option<int> batch = Number("--batch", "Tokens of a step; 1 is decoding.", 1);
        Command command = new("cache", "Measure decoding at depths of context with each type of the key-value cache.")
        {
            model, types, depths, threads, rounds, tokens, batch,
        };
        command.SetAction(result => Run(
            result.GetRequiredValue(model),
            result.GetRequiredValue(types),
            result.GetRequiredValue(depths),
            result.GetValue(threads),
            result.GetValue(rounds),
            result.GetValue(tokens),
            result.GetValue(batch)));
        return command;
    }

    private static Option<int> Number(string name, string description, int value)
    {
        Option<int> option = new(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError($"{name} must be at least 1.");
            }
        });
        return option;
    }

    private static int Run(string path, KvElementType[] types, int[] depths, int threads, int rounds, int tokens, int batch)
    {
        try
        {
            using CachedModel model = new(path, threads);
            model.Fill(types, depths.Max() + tokens);
            Console.WriteLine(
                $"{Path.GetFileName(path)}, {model.Threads} threads, {tokens} tokens in steps of {batch}; median tokens/s of {rounds}");
            Console.WriteLine($"{"depth",8}" + string.Concat(types.Select(type => $"{type,10}")));
            foreach (int depth in depths)
            {
                Dictionary<KvElementType, List<double>> rates = types.ToDictionary(type => type, _ => new List<double>());
                for (int round = -1; round < rounds; round++)
                {
                    foreach (KvElementType type in types)
                    {
                        double rate = model.Measure(type, depth, round < 0 ? Math.Min(tokens, batch * 4) : tokens, batch);
                        rates[type].AddRange(round < 0 ? [] : [rate]);
                    }
                }

                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{depth,8}") + string.Concat(types.Select(type => $"{Median(rates[type]),10:F2}")));
            }

            return 0;
        }
        catch (Exception exception) when (exception is GgufException or ModelException or InvalidOperationException)
        {
            Console.Error.WriteLine(exception.Message);
            return 1;
        }
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
