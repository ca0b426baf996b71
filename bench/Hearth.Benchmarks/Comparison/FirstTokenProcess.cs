using System.Diagnostics;

namespace Hearth.Benchmarks.Comparison;

/// <summary>A program that loads a model and makes one token, in a process of its own.</summary>
/// <param name="program">The program; a .dll is started with <c>dotnet</c>.</param>
/// <param name="arguments">Its arguments.</param>
internal sealed class FirstTokenProcess(string program, params IEnumerable<string> arguments)
{
    /// <summary>
    /// Milliseconds from the start of the process to the first byte on its standard output, or to the end of its output when the token is
    /// not a text.
    /// </summary>
    /// <exception cref="InvalidOperationException">The program failed.</exception>
    public async Task<double> MeasureAsync(CancellationToken cancellationToken)
    {
        bool managed = Path.GetExtension(program).Equals(".dll", StringComparison.OrdinalIgnoreCase);
        ProcessStartInfo start = new(managed ? "dotnet" : program, managed ? [program, .. arguments] : arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        byte[] buffer = new byte[4096];
        long started = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"'{program}' did not start.");
        try
        {
            process.StandardInput.Close();
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
            Stream output = process.StandardOutput.BaseStream;
            int read = await output.ReadAsync(buffer, cancellationToken);
            double milliseconds = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            while (read > 0)
            {
                read = await output.ReadAsync(buffer, cancellationToken);
            }

            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? milliseconds
                : throw new InvalidOperationException($"'{program}' ended with exit code {process.ExitCode}: {(await errors).Trim()}");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }
}
