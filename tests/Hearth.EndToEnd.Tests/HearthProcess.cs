using System.Diagnostics;
using System.Text;

namespace Hearth.EndToEnd.Tests;

/// <summary>Runs the real <c>hearth</c> program.</summary>
internal static class HearthProcess
{
    // Nobody's own settings may change what a test sees.
    private static readonly string s_home = Directory.CreateTempSubdirectory("hearth-test-home-").FullName;
    private static readonly string[] s_settings = ["HEARTH_", "OLLAMA_", "LLAMA_", "MODEL_RUNNER_", "DMR_", "HF_", "OTEL_", "DISABLE_METRICS"];
    private static readonly string s_program = Path.Combine(AppContext.BaseDirectory, "hearth.dll");

    /// <summary>Runs it to its end; standard input is empty unless given.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string[] arguments, byte[]? input = null, string? home = null, string? certificates = null)
    {
        using Process process = StartIn(home, certificates is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["HEARTH_CA_FILE"] = certificates }, arguments);
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
    public static Process Start(params string[] arguments) => StartIn(null, arguments);

    /// <summary>Starts it with a folder of its own for what it keeps.</summary>
    public static Process StartIn(string? home, params string[] arguments) => StartIn(home, new Dictionary<string, string>(), arguments);

    /// <summary>Starts it by another program, such as one that watches it.</summary>
    /// <param name="command">That program and its arguments, behind which those of Hearth stand.</param>
    /// <param name="environment">Variables for it.</param>
    /// <param name="home">The folder for what it keeps; null for the tests' own.</param>
    /// <param name="arguments">The arguments of Hearth.</param>
    public static Process StartBy(string[] command, IReadOnlyDictionary<string, string> environment, string? home, params string[] arguments) =>
        Start([.. command, "dotnet", s_program, .. arguments], environment, home);

    /// <summary>Starts it with variables of its own, too.</summary>
    public static Process StartIn(string? home, IReadOnlyDictionary<string, string> environment, string[] arguments) => Start(["dotnet", s_program, .. arguments], environment, home);

    private static Process Start(string[] command, IReadOnlyDictionary<string, string> environment, string? home)
    {
        ProcessStartInfo start = new(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (string name in start.Environment.Keys.Where(name => name != "HEARTH_ISA" && s_settings.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["HEARTH_HOME"] = home ?? s_home;
        start.Environment["DOCKER_CONFIG"] = home ?? s_home;

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
