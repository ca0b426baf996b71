using System.Diagnostics;
using System.Text.Json;

namespace Hearth.Benchmarks.Comparison;

/// <summary>Runs llama.cpp's <c>llama-bench</c> and reads its rates.</summary>
internal sealed class PeerEngine(string program, ComparisonTask task)
{
    /// <summary>One measurement in a process of its own; the peer warms itself up first.</summary>
    /// <exception cref="InvalidOperationException">The program failed, or printed something else than its JSON.</exception>
    public async Task<Rates> MeasureAsync(FlashAttention attention, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments =
        [
            "--model", task.Model, "--threads", $"{task.Threads}", "--n-prompt", $"{task.PromptTokens}", "--n-gen", $"{task.GeneratedTokens}",
            "--n-depth", $"{task.Depth}", "--flash-attn", $"{(int)attention}", "--repetitions", "1", "--n-gpu-layers", "0", "--output", "json",
        ];
        Array.ForEach(arguments, start.ArgumentList.Add);
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"'{program}' did not start.");
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
            string output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? Parse(output)
                : throw new InvalidOperationException($"'{program}' ended with exit code {process.ExitCode}: {Tail(await errors)}");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    private Rates Parse(string output)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(output);
            JsonElement[] tests = [.. document.RootElement.EnumerateArray()];
            double Rate(int promptTokens, int generatedTokens) => promptTokens + generatedTokens == 0 ? 0 : tests
                .Single(test => test.GetProperty("n_prompt").GetInt32() == promptTokens && test.GetProperty("n_gen").GetInt32() == generatedTokens)
                .GetProperty("avg_ts").GetDouble();

            return new Rates(Rate(task.PromptTokens, 0), Rate(0, task.GeneratedTokens));
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidOperationException($"'{program}' did not print the JSON of llama-bench: {Tail(output)}", exception);
        }
    }

    private static string Tail(string text) => text.Length <= 500 ? text.Trim() : text[^500..].Trim();
}
