using System.Diagnostics;
using System.Text.Json;

namespace Hearth.Benchmarks.Comparison;

/// <summary>Runs llama.cpp's <c>llama-bench</c> and reads its rates.</summary>
internal sealed class PeerEngine(string program, string model, int threads)
{
    /// <summary>One measurement in a process of its own; the peer warms itself up first.</summary>
    /// <exception cref="InvalidOperationException">The program failed, or printed something else than its JSON.</exception>
    public async Task<Rates> MeasureAsync(int promptTokens, int generatedTokens, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments =
        [
            "--model", model, "--threads", $"{threads}", "--n-prompt", $"{promptTokens}", "--n-gen", $"{generatedTokens}",
            "--repetitions", "1", "--n-gpu-layers", "0", "--output", "json",
        ];
        Array.ForEach(arguments, start.ArgumentList.Add);
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"'{program}' did not start.");
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"'{program}' ended with exit code {process.ExitCode}: {Tail(await errors)}");
        }

        try
        {
            return Parse(output);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidOperationException($"'{program}' did not print the JSON of llama-bench: {Tail(output)}", exception);
        }
    }

    private static Rates Parse(string output)
    {
        using JsonDocument document = JsonDocument.Parse(output);
        double prefill = 0, decode = 0;
        foreach (JsonElement test in document.RootElement.EnumerateArray())
        {
            double rate = test.GetProperty("avg_ts").GetDouble();
            if (test.GetProperty("n_gen").GetInt32() == 0)
            {
                prefill = rate;
            }
            else
            {
                decode = rate;
            }
        }

        return new Rates(prefill, decode);
    }

    private static string Tail(string text) => text.Length <= 500 ? text.Trim() : text[^500..].Trim();
}
