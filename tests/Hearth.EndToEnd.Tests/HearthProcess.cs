using System.Diagnostics;
using System.Text;

namespace Hearth.EndToEnd.Tests;

/// <summary>Runs the real <c>hearth</c> program.</summary>
internal static class HearthProcess
{
    private static readonly string s_program = Path.Combine(AppContext.BaseDirectory, "hearth.dll");

    /// <summary>Runs it to its end; standard input is empty unless given.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string[] arguments, byte[]? input = null)
    {
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input ?? [], TestContext.Current.CancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading its input, as a command line that makes no sense does.
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Starts it with all streams redirected.</summary>
    public static Process Start(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", [s_program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        return Process.Start(start)!;
    }
}
