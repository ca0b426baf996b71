using System.Diagnostics;
using Hearth.Engine.Gguf;
using Hearth.Engine.Quantization;
using Hearth.Kernels.Formats;
using Hearth.Kernels.Threading;

namespace Hearth.Benchmarks.Quantization;

/// <summary>Runs of the quantisers, and what they lose.</summary>
internal static class QuantizerRuns
{
    /// <summary>Seconds of Hearth, in this process, the flush to the disk included.</summary>
    public static double TimeOwn(GgufFile model, QuantizationPlan plan, string path, ComputePool pool, CancellationToken cancellationToken)
    {
        File.Delete(path);
        long start = Stopwatch.GetTimestamp();
        Quantizer.Run(model, plan, path, overwrite: true, pool, cancellationToken: cancellationToken);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Seconds of llama-quantize, a process of its own.</summary>
    /// <exception cref="InvalidOperationException">The program failed.</exception>
    public static async Task<double> TimePeerAsync(
        string program, string source, string path, string type, bool pure, int threads, CancellationToken cancellationToken)
    {
        File.Delete(path);
        string[] options = pure ? ["--pure"] : [];
        ProcessStartInfo start = new(program, [.. options, source, path, type, $"{threads}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        long begin = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"'{program}' did not start.");
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        string text = await errors;
        return process.ExitCode == 0
            ? seconds
            : throw new InvalidOperationException($"'{program}' ended with {process.ExitCode}: {text[Math.Max(0, text.Length - 500)..].Trim()}");
    }

    /// <summary>sum((a - r)^2) / sum(r^2) over all tensors that changed their type.</summary>
    public static double Error(GgufFile reference, string path, out Dictionary<string, TensorType> types)
    {
        using GgufFile file = GgufFile.Open(path);
        types = file.Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Type);
        double error = 0, power = 0;
        foreach (GgufTensor tensor in reference.Tensors.Where(tensor => file.Tensor(tensor.Name).Type != tensor.Type))
        {
            float[] expected = reference.ReadFloats(tensor), actual = file.ReadFloats(file.Tensor(tensor.Name));
            for (int i = 0; i < expected.Length; i++)
            {
                double difference = (double)actual[i] - expected[i];
                error += difference * difference;
                power += (double)expected[i] * expected[i];
            }
        }

        return power == 0 ? 0 : error / power;
    }
}
