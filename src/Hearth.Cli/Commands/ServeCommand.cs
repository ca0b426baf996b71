using System.CommandLine;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Hearth.Engine.Scheduling;
using Hearth.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth serve</c>.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        Argument<string[]> models = new("models") { Description = "Models to have ready, to chat, embed or rank: paths of GGUF files, or 'guide' [default: guide]", Arity = ArgumentArity.ZeroOrMore, HelpName = "MODEL" };
        Option<string[]> listen = new("--listen")
        {
            Description = "Where to listen: HOST:PORT or unix:PATH; may be given several times [default: 127.0.0.1:12434]",
            HelpName = "ADDRESS",
            AllowMultipleArgumentsPerToken = false,
        };
        ModelOptions modelOptions = new();
        Command command = new("serve", "Serve models over HTTP to any OpenAI client: chat, embeddings and reranking from one address.") { models, listen };
        modelOptions.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CliErrors.RunAsync(
            () => ServeAsync(parsed, parsed.GetValue(models) ?? [], parsed.GetValue(listen) ?? [], modelOptions, cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> ServeAsync(ParseResult parsed, string[] models, string[] listen, ModelOptions modelOptions, CancellationToken cancellationToken)
    {
        IReadOnlyList<ListenAddress> addresses = listen.Length == 0 ? [ListenAddress.Default] : [.. listen.Select(Parse)];
        using ModelHost host = new();
        foreach (string model in models.Length == 0 ? [BuiltInModels.Guide] : models)
        {
            string name = BuiltInModels.NameOf(model);
            if (host.Models.Any(served => served.Name == name))
            {
                throw new CliUsageException($"Two of the models would be served as '{name}'; rename one of the files.");
            }

            // An adapter is for one model: of several, the first.
            LanguageModelOptions options = modelOptions.Read(parsed);
            host.Load(name, BuiltInModels.Resolve(model), host.Models.Any() ? options with { Adapters = [] } : options);
        }

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
