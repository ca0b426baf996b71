using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Hearth.Store.Registries.Oci;

/// <summary>A credential helper of Docker (<c>docker-credential-NAME</c>), which is spoken to over its input and output.</summary>
/// <param name="name">Its name, as <c>config.json</c> has it.</param>
/// <param name="folder">Where it is; null for the system's search path.</param>
internal sealed partial class CredentialHelper(string name, string? folder)
{
    private const int MaxOutput = 64 * 1024;
    private const string TokenUser = "<token>";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>The program.</summary>
    public string Program => $"docker-credential-{name}";

    /// <summary>The credentials for a registry; null without any.</summary>
    /// <exception cref="RegistryException">It cannot be run, or fails.</exception>
    public async Task<RegistryCredential?> GetAsync(string registry, CancellationToken cancellationToken)
    {
        (int exit, string output) = await RunAsync("get", registry, cancellationToken);
        if (exit != 0)
        {
            return output.Contains("not found", StringComparison.OrdinalIgnoreCase) ? null : throw Failure($"fails ({exit})");
        }

        try
        {
            return JsonSerializer.Deserialize(output, OciJson.Default.HelperCredential) is not { Secret: { Length: > 0 } secret } found ? null
                : found.Username == TokenUser ? new RegistryCredential(string.Empty, string.Empty) { IdentityToken = secret }
                : new RegistryCredential(found.Username ?? string.Empty, secret);
        }
        catch (JsonException exception)
        {
            throw Failure("answers something else than JSON", exception);
        }
    }

    /// <summary>Keeps credentials.</summary>
    /// <exception cref="RegistryException">It cannot be run, or fails.</exception>
    public Task StoreAsync(string registry, RegistryCredential credential, CancellationToken cancellationToken) =>
        RequireAsync("store", JsonSerializer.Serialize(new HelperCredential(registry, credential.User, credential.Password), OciJson.Default.HelperCredential), cancellationToken);

    /// <summary>Forgets credentials.</summary>
    /// <exception cref="RegistryException">It cannot be run, or fails.</exception>
    public Task EraseAsync(string registry, CancellationToken cancellationToken) => RequireAsync("erase", registry, cancellationToken);

    private async Task RequireAsync(string command, string input, CancellationToken cancellationToken)
    {
        (int exit, _) = await RunAsync(command, input, cancellationToken);
        if (exit != 0)
        {
            throw Failure($"fails ({exit}) to {command} credentials");
        }
    }

    private async Task<(int Exit, string Output)> RunAsync(string command, string input, CancellationToken cancellationToken)
    {
        if (!Name().IsMatch(name))
        {
            throw Failure("is no name of a program");
        }

        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(s_patience);
        using Process process = new()
        {
            StartInfo = new ProcessStartInfo(folder is null ? Program : Path.Combine(folder, Program), [command])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
                CreateNoWindow = true,
            },
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            throw Failure("cannot be run: " + exception.Message, exception);
        }

        try
        {
            Task<string> output = ReadAsync(process.StandardOutput, end.Token), errors = ReadAsync(process.StandardError, end.Token);
            await WriteAsync(process.StandardInput, input, end.Token);
            await foreach (Task part in Task.WhenEach(output, errors, process.WaitForExitAsync(end.Token)))
            {
                await part;
            }

            return (process.ExitCode, await output is { Length: > 0 } text ? text : await errors);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failure($"has not answered for {s_patience.TotalSeconds:F0} s", exception);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    // A helper that does not read its input closes it.
    private static async Task WriteAsync(StreamWriter writer, string input, CancellationToken cancellationToken)
    {
        try
        {
            await writer.WriteAsync(input.AsMemory(), cancellationToken);
            writer.Close();
        }
        catch (IOException)
        {
        }
    }

    private async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        StringBuilder text = new();
        char[] buffer = new char[1024];
        for (int read; (read = await reader.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            text.Append(buffer, 0, read);
            if (text.Length > MaxOutput)
            {
                throw Failure($"answers more than {MaxOutput} characters");
            }
        }

        return text.ToString();
    }

    private RegistryException Failure(string what, Exception? inner = null) => new(RegistryErrorKind.Unauthorized, $"The credential helper '{Program}' {what}.", inner);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex Name();
}
