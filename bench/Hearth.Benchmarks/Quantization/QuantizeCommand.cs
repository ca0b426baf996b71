using System.CommandLine;
using System.ComponentModel;
using Hearth.Engine.Gguf;
using Hearth.Engine.Quantization;
using Hearth.Kernels.Threading;

namespace Hearth.Benchmarks.Quantization;

/// <summary><c>quantize</c>: the error and the time of Hearth's quantiser and of a peer's, on the same weights.</summary>
internal static class QuantizeCommand
{
    private const string DefaultTypes = "Q8_0,Q6_K,Q5_K_S,Q5_1,Q5_0,Q4_K_S,Q4_1,Q4_0,IQ4_NL,IQ4_XS,MXFP4_MOE,Q3_K_S,Q2_K";

    public static Command Create()
    {
        Option<string?> model = new("--model") { Description = "The GGUF file, F32, F16 or BF16, whose matrices are rounded." };
        Option<string?> rows = new("--rows") { Description = $"Weights to make instead: {string.Join(", ", WeightRows.Kinds)}." };
        Option<bool> reshape = new("--reshape") { Description = "Cut the model's matrices into rows of 256, so that every type can hold them." };
        Option<string> types = new("--types") { Description = "File types, with commas between.", DefaultValueFactory = _ => DefaultTypes };
        Option<bool> pure = new("--pure") { Description = "Give all matrices the file type's default type." };
        Option<string?> peer = new("--peer") { Description = "The path of llama.cpp's llama-quantize; without it Hearth is measured alone." };
        Option<int> threads = new("--threads") { Description = "Threads of both.", DefaultValueFactory = _ => Environment.ProcessorCount };
        Option<int> rounds = new("--rounds") { Description = "Measurements of each.", DefaultValueFactory = _ => 1 };
        Command command = new("quantize", "Measure error and time of quantising beside llama.cpp.")
        {
            model, rows, reshape, types, pure, peer, threads, rounds,
        };
        command.SetAction((result, cancellationToken) => RunAsync(
            new Weights(result.GetValue(model), result.GetValue(rows), result.GetValue(reshape)),
            result.GetRequiredValue(types).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            result.GetValue(pure),
            result.GetValue(peer),
            Math.Max(1, result.GetValue(threads)),
            Math.Max(1, result.GetValue(rounds)),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        Weights weights, string[] types, bool pure, string? peer, int threads, int rounds, CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("hearth-quantize-");
        try
        {
            string source = weights.Prepare(Path.Combine(folder.FullName, "source.gguf"));
            using GgufFile model = GgufFile.Open(source);
            using ComputePool pool = new(threads);
            Console.WriteLine(
                $"{weights.Name}, {threads} threads, median of {rounds}{(pure ? ", all matrices of one type" : string.Empty)}");
            Console.WriteLine(
                $"{"type",-10} {"bits",6} {"NMSE",10}" + (peer is null ? $" {"s",7}" : $" {"peer",10} {"ratio",6} {"s",7} {"peer",7} {"faster",7} {"differ",7}"));
            foreach (string type in types)
            {
                QuantizationPlan plan = QuantizationPlan.Create(model, new QuantizationOptions { Type = type, Pure = pure });
                string own = Path.Combine(folder.FullName, "own.gguf"), other = Path.Combine(folder.FullName, "peer.gguf");
                List<double> ours = [], theirs = [];
                for (int round = 0; round < rounds; round++)
                {
                    ours.Add(QuantizerRuns.TimeOwn(model, plan, own, pool, cancellationToken));
                    if (peer is not null)
                    {
                        theirs.Add(await QuantizerRuns.TimePeerAsync(peer, source, other, type, pure, threads, cancellationToken));
                    }
                }

                Print(type, plan, model, own, ours, peer is null ? null : other, theirs);
            }

            return 0;
        }
        catch (Exception exception) when (exception is GgufException or QuantizationException or IOException or InvalidOperationException or Win32Exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Print(
        string type, QuantizationPlan plan, GgufFile model, string own, List<double> ours, string? other, List<double> theirs)
    {
        double error = QuantizerRuns.Error(model, own, out _);
        string line = $"{type,-10} {plan.BitsPerWeight,6:F3} {error,10:E3}";
        if (other is null)
        {
            Console.WriteLine($"{line} {Median(ours),7:F2}");
            return;
        }

        double peerError = QuantizerRuns.Error(model, other, out Dictionary<string, Kernels.Formats.TensorType> peerTypes);
        int differing = plan.Tensors.Count(tensor => peerTypes[tensor.Source.Name] != tensor.Type);
        Console.WriteLine(
            $"{line} {peerError,10:E3} {error / peerError,6:F3} {Median(ours),7:F2} {Median(theirs),7:F2} {Median(theirs) / Median(ours),7:F2} {differing,7}");
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
