using System.CommandLine;
using System.Text;
using Hearth.Store.Registries;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth login</c>.</summary>
internal sealed class LoginCommand(CliContext context)
{
    private const int MaxPassword = 64 * 1024;
    private readonly Argument<string?> _registry = RegistryArgument();
    private readonly Option<string?> _user = new("--username", "-u") { Description = "The user's name [default: asked for]", HelpName = "USER" };
    private readonly Option<string?> _password = new("--password", "-p") { Description = "The password or token, which others on this machine can see; better --password-stdin", HelpName = "PASSWORD" };
    private readonly Option<bool> _passwordInput = new("--password-stdin") { Description = "Read the password or token from standard input" };
    private readonly Option<bool> _insecure = ModelArguments.Insecure();

    public static Command Create(CliContext context) => new LoginCommand(context).Build();

    /// <summary>The registry that a login is for.</summary>
    public static Argument<string?> RegistryArgument() => new("registry")
    {
        Description = "The registry [default: Docker Hub]",
        HelpName = "REGISTRY",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>The registry that was given, or the usual one.</summary>
    /// <exception cref="CliUsageException">There is nothing to log in to.</exception>
    public static string RegistryOf(string? given, RegistryOptions options) => given switch
    {
        null => options.DefaultRegistry,
        "hf.co" or "huggingface.co" => throw new CliUsageException("Hugging Face takes a token: set HF_TOKEN."),
        "ollama.com" or "registry.ollama.ai" => throw new CliUsageException("Ollama's registry needs no login to pull from."),
        _ => given,
    };

    private Command Build()
    {
        Command command = new("login", "Check credentials with a registry and keep them as Docker does, so that a login of either program is one of both.")
        {
            _registry, _user, _password, _passwordInput, _insecure,
        };
        return command.Do(context, RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        RegistryOptions options = context.OpenStore().Options.Registries;
        string registry = RegistryOf(parsed.GetValue(_registry), options);
        string? user = parsed.GetValue(_user);
        string? password = parsed.GetValue(_password);
        bool fromInput = parsed.GetValue(_passwordInput);
        if (fromInput && password is not null)
        {
            throw new CliUsageException("--password and --password-stdin exclude each other.");
        }

        if (fromInput && user is null)
        {
            throw new CliUsageException("--password-stdin needs --username.");
        }

        if (!fromInput && (user is null || password is null) && !context.HasInputTerminal)
        {
            throw new CliUsageException("There is nobody to ask; give --username and --password-stdin.");
        }

        user ??= Ask("Username: ");
        password = fromInput ? await ReadInputAsync(cancellationToken) : password ?? AskHidden("Password: ");
        if (user.Length == 0 || password.Length == 0)
        {
            throw new CliUsageException(user.Length == 0 ? "The user's name is empty." : "The password is empty.");
        }

        string place = await RegistryCredentials.LoginAsync(registry, user, password, options, parsed.GetValue(_insecure), cancellationToken);
        context.Output.WriteLine($"Logged in to {TerminalText.Printable(registry)}; the credentials are in {TerminalText.Printable(place)}.");
        return ExitCode.Success;
    }

    private string Ask(string question)
    {
        context.Error.Write(question);
        context.Error.Flush();
        return context.ReadLine()?.Trim() ?? string.Empty;
    }

    // Keys are read one by one, so that the terminal does not show them.
    private string AskHidden(string question)
    {
        context.Error.Write(question);
        context.Error.Flush();
        StringBuilder text = new();
        for (ConsoleKeyInfo key; (key = Console.ReadKey(intercept: true)).Key != ConsoleKey.Enter;)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                text.Length = Math.Max(0, text.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                text.Append(key.KeyChar);
            }
        }

        context.Error.WriteLine();
        return text.ToString();
    }

    private async Task<string> ReadInputAsync(CancellationToken cancellationToken)
    {
        await using Stream input = context.OpenInput();
        byte[] bytes = new byte[MaxPassword + 1];
        int length = await input.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return length <= MaxPassword
            ? Encoding.UTF8.GetString(bytes, 0, length).TrimEnd('\r', '\n')
            : throw new CliUsageException($"Standard input has more than {MaxPassword / 1024} KiB, which is no password.");
    }
}
