using System.CommandLine;
using System.ComponentModel;
using System.Globalization;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;

namespace Hearth.Benchmarks.Comparison;

/// <summary><c>compare</c>: Hearth and a peer on the same file, in turns, so that both meet the same state of the machine.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        Option<string> model = new("--model") { Description = "The GGUF file.", Required = true };
        Option<string?> peer = new("--peer") { Description = "The path of llama.cpp's llama-bench; without it Hearth is measured alone." };
        Option<int> threads = new("--threads") { Description = "Threads of both.", DefaultValueFactory = _ => Environment.ProcessorCount };
        Option<int> rounds = new("--rounds") { Description = "Measurements of each.", DefaultValueFactory = _ => 5 };
        Option<int> prompt = new("--prompt") { Description = "Tokens of the prompt.", DefaultValueFactory = _ => 512 };
        Option<int> generate = new("--generate") { Description = "Tokens of the answer.", DefaultValueFactory = _ => 64 };
        foreach (Option<int> option in new[] { threads, rounds, prompt, generate })
        {
            option.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int>() < 1)
                {
                    result.AddError($"{option.Name} must be at least 1.");
                }
            });
        }

        Command command = new("compare", "Measure prefill and decode beside llama.cpp.") { model, peer, threads, rounds, prompt, generate };
        command.SetAction((result, cancellationToken) => RunAsync(
            result.GetRequiredValue(model),
            result.GetValue(peer),
            result.GetValue(threads),
            result.GetValue(rounds),
            result.GetValue(prompt),
            result.GetValue(generate),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        string model, string? peer, int threads, int rounds, int promptTokens, int generatedTokens, CancellationToken cancellationToken)
    {
        try
        {
            using OwnEngine own = new(model, threads, Math.Max(promptTokens, generatedTokens) + 16);
            PeerEngine? other = peer is null ? null : new PeerEngine(peer, model, threads);
            WarnOfOtherLoad();
            Console.WriteLine($"{Path.GetFileName(model)}, {own.Threads} threads, prompt {promptTokens}, answer {generatedTokens} tokens");
            Console.WriteLine(
                $"{"tokens/s",-8} {"Hearth prefill",16} {"decode",10}" + (other is null ? "" : $" {"peer prefill",16} {"decode",10}"));
            own.Measure(promptTokens, generatedTokens, cancellationToken);
            List<Rates> ours = [], theirs = [];
            for (int round = 1; round <= rounds; round++)
            {
                ours.Add(own.Measure(promptTokens, generatedTokens, cancellationToken));
                if (other is not null)
                {
                    theirs.Add(await other.MeasureAsync(promptTokens, generatedTokens, cancellationToken));
                }

                Print($"{round}", ours[^1], theirs.LastOrDefault());
            }

            Rates ourMedian = Median(ours);
            Rates theirMedian = other is null ? default : Median(theirs);
            Print("median", ourMedian, theirMedian);
            if (other is not null)
            {
                Print("ratio", new Rates(ourMedian.Prefill / theirMedian.Prefill, ourMedian.Decode / theirMedian.Decode), default);
            }

            return 0;
        }
        catch (Exception exception) when (exception is GgufException or ModelException or InvalidOperationException or Win32Exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    /// <summary>Both engines wait for their threads in loops: beside other work the numbers say nothing.</summary>
    private static void WarnOfOtherLoad()
    {
        const string LoadAverage = "/proc/loadavg";
        const double Quiet = 0.5;
        if (File.Exists(LoadAverage)
            && double.TryParse(File.ReadAllText(LoadAverage).Split(' ')[0], CultureInfo.InvariantCulture, out double load)
            && load > Quiet)
        {
            Console.WriteLine($"The machine's load average is {load:F1}: stop what else runs on it, or do not believe the numbers.");
        }
    }

    private static void Print(string label, Rates own, Rates peer) =>
        Console.WriteLine(
            $"{label,-8} {own.Prefill,16:F2} {own.Decode,10:F2}" + (peer == default ? "" : $" {peer.Prefill,16:F2} {peer.Decode,10:F2}"));

    private static Rates Median(List<Rates> rates) =>
        new(Median(rates.Select(rate => rate.Prefill)), Median(rates.Select(rate => rate.Decode)));

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
