using System.CommandLine;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Hearth.Engine.Scheduling;
using Hearth.Server;
using Hearth.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth serve</c>.</summary>
internal sealed class ServeCommand
{
    private readonly Argument<string[]> _models = new("models")
    {
        Description = "Models to serve, to chat, embed or rank: paths of GGUF files, or 'guide' [default: guide]",
        Arity = ArgumentArity.ZeroOrMore,
        HelpName = "MODEL",
    };

    private readonly Option<string[]> _listen = new("--listen")
    {
        Description = "Where to listen: HOST:PORT or unix:PATH; may be given several times [default: 127.0.0.1:12434]",
        HelpName = "ADDRESS",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly HostOptionSet _hostOptions = new();
    private readonly ModelOptions _modelOptions = new();

    public static Command Create() => new ServeCommand().Build();

    private Command Build()
    {
        Command command = new("serve", "Serve models over HTTP to any OpenAI client: chat, embeddings and reranking from one address.") { _models, _listen };
        _hostOptions.AddTo(command);
        _modelOptions.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CliErrors.RunAsync(() => ServeAsync(parsed, cancellationToken), cancellationToken));
        return command;
    }

    private async Task<int> ServeAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string[] listen = parsed.GetValue(_listen) ?? [];
        IReadOnlyList<ListenAddress> addresses = listen.Length == 0 ? [ListenAddress.Default] : [.. listen.Select(Parse)];
        using ModelHost host = new(_hostOptions.Read(parsed));
        await RegisterAsync(host, parsed, cancellationToken);
        await using WebApplication server = HearthServer.Create(host, new HearthServerOptions { Listen = addresses });
        await StartAsync(server, addresses, cancellationToken);
        foreach (string url in server.Urls)
        {
            Console.WriteLine($"Listening on {url}");
        }

        Console.WriteLine($"Serving {string.Join(", ", host.Models.Select(Describe))}. Ctrl-C ends the server.");
        await WaitForSignalAsync(cancellationToken);
        await server.StopAsync(CancellationToken.None);
        return ExitCode.Success;
    }

    private async Task RegisterAsync(ModelHost host, ParseResult parsed, CancellationToken cancellationToken)
    {
        string[] models = parsed.GetValue(_models) ?? [];
        foreach (string model in models.Length == 0 ? [BuiltInModels.Guide] : models)
        {
            string name = BuiltInModels.NameOf(model);
            if (host.Models.Any(served => served.Name == name))
            {
                throw new CliUsageException($"Two of the models would be served as '{name}'; rename one of the files.");
            }

            // An adapter is for one model: of several, the first.
            LanguageModelOptions options = _modelOptions.Read(parsed);
            ServedModelOptions served = new() { Load = host.Models.Count > 0 ? options with { Adapters = [] } : options };
            ServedModel registered = host.Register(name, BuiltInModels.Resolve(model), served);
            if (registered.Estimate.Total > host.MemoryBytes)
            {
                await Console.Error.WriteLineAsync($"hearth: {new ModelMemoryException(name, registered.Estimate, host.MemoryBytes).Message}");
            }
        }

        if (_hostOptions.Preloads(parsed))
        {
            foreach (ServedModel served in host.Models)
            {
                await host.PreloadAsync(served.Name, cancellationToken);
            }
        }
    }

    private static string Describe(ServedModel served) => served.IsRanker ? $"{served.Name} (reranker)" : served.IsEmbedder ? $"{served.Name} (embeddings)" : served.Name;

    private static async Task StartAsync(WebApplication server, IReadOnlyList<ListenAddress> addresses, CancellationToken cancellationToken)
    {
        try
        {
            await server.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException { InnerException: AddressInUseException } or SocketException)
        {
            throw new IOException($"Cannot listen on {string.Join(", ", addresses.Select(address => address.Text))}: {exception.InnerException?.Message ?? exception.Message}. Choose another address with --listen.", exception);
        }
    }

    private static async Task WaitForSignalAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource signalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        void Handle(PosixSignalContext context)
        {
            context.Cancel = true;
            signalled.TrySetResult();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle);
        await signalled.Task.WaitAsync(cancellationToken);
    }

    private static ListenAddress Parse(string text)
    {
        try
        {
            return ListenAddress.Parse(text);
        }
        catch (FormatException exception)
        {
            throw new CliUsageException($"--listen: {exception.Message}");
        }
    }
}
