using System.CommandLine;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Hearth.Cli.Configuration;
using Hearth.Cli.Models;
using Hearth.Cli.Remote;
using Hearth.Server;
using Hearth.Server.Access;
using Hearth.Server.Hosting;
using Hearth.Server.Models;
using Hearth.Server.Observability;
using Hearth.Server.Settings;
using Hearth.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth serve</c>.</summary>
internal sealed class ServeCommand(CliContext context)
{
    private readonly Argument<string[]> _models = new("models")
    {
        Description = "Models to serve, to chat, embed or rank: paths of GGUF files, 'guide', or models of the store, which are pulled when they are not there [default: guide]",
        Arity = ArgumentArity.ZeroOrMore,
        HelpName = "MODEL",
    };

    private readonly Option<string[]> _listen = new("--listen")
    {
        Description = "Where to listen: HOST:PORT or unix:PATH; may be given several times [default: 127.0.0.1:12434]",
        HelpName = "ADDRESS",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string?> _otlp = new("--otlp-endpoint")
    {
        Description = "Collector that traces and metrics are sent to by OpenTelemetry's protocol (OTLP) [default: OTEL_EXPORTER_OTLP_ENDPOINT, else nothing is sent]",
        HelpName = "URL",
    };

    private readonly Option<bool> _printConfig = new("--print-config") { Description = "Print the settings that the server would have, with where each comes from, and end" };

    private readonly HostOptionSet _hostOptions = new();
    private readonly AccessOptionSet _accessOptions = new();
    private readonly TlsOptionSet _tlsOptions = new();
    private readonly ModelOptions _modelOptions = ModelOptions.ForServing();

    public static Command Create(CliContext context) => new ServeCommand(context).Build();

    private Command Build()
    {
        Command command = new("serve", "Serve models over HTTP to any OpenAI client: chat, embeddings and reranking from one address.") { _models, _listen };
        _hostOptions.AddTo(command);
        _accessOptions.AddTo(command);
        _tlsOptions.AddTo(command);
        command.Options.Add(_otlp);
        command.Options.Add(_printConfig);
        _modelOptions.AddTo(command);
        return command.Do(context, ServeAsync);
    }

    private async Task<int> ServeAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_printConfig))
        {
            ConfigCommand.Write(context, parsed, asJson: false);
            return ExitCode.Success;
        }

        ProgramConfiguration configuration = new(context);
        string[] listen = configuration.Get(parsed, _listen, texts => [.. texts]) ?? [];
        IReadOnlyList<ListenAddress> addresses = listen.Length == 0 ? [ListenAddress.Default] : [.. listen.Select(Parse)];
        AccessOptions access = _accessOptions.Read(parsed, context);
        TlsOptions? tls = _tlsOptions.Read(parsed, context, addresses);
        OtlpOptions? otlp = ReadOtlp(parsed);
        string[] words = parsed.GetValue(_models) is { Length: > 0 } given ? given : [BuiltInModels.Guide];
        if (await new ModelResolver(context).ResolveOrPullAsync(words, cancellationToken) is not IReadOnlyList<ResolvedModel> models)
        {
            return ExitCode.Interrupted;
        }

        bool isLocal = addresses.All(address => address.IsLocal);
        ModelHostOptions hostOptions = _hostOptions.Read(parsed, context);
        using ModelHost host = new(isLocal ? hostOptions : hostOptions with { Store = StoreFactory.WithoutPrivateRegistries(hostOptions.Store) });
        await RegisterAsync(host, models, parsed, cancellationToken);
        HearthServerOptions options = new()
        {
            Listen = addresses,
            ShutdownTimeout = _hostOptions.ShutdownTimeout(parsed, context),
            Connections = _hostOptions.Connections(parsed, context),
            Access = access,
            Tls = tls,
            DataFolder = StoreLocation.Home(),
            HasMetrics = configuration.Find(ProgramSettingTable.Metrics) is not { Texts: [string metrics] } || ProgramSettingTable.ParseFlag(metrics),
            Otlp = otlp,
        };
        WarnOfOthers(addresses, access, tls);

        await using WebApplication server = HearthServer.Create(host, options);
        await StartAsync(server, addresses, cancellationToken);
        using Signals signals = new();
        foreach (string url in server.Urls)
        {
            Console.WriteLine($"Listening on {url}");
        }

        Console.WriteLine($"Serving {string.Join(", ", host.Models.Select(Describe))}. Ctrl-C ends the server.");
        await signals.First.WaitAsync(cancellationToken);
        await HearthServer.StopAsync(server, signals.Second);
        return ExitCode.Success;
    }

    private void WarnOfOthers(IReadOnlyList<ListenAddress> addresses, AccessOptions access, TlsOptions? tls)
    {
        if (addresses.FirstOrDefault(address => !address.IsLocal) is not ListenAddress open)
        {
            return;
        }

        if (access.IsOpen)
        {
            context.Note($"{open.Text} can be reached from other machines, and no API key is set: whoever reaches it may ask, load and delete models. "
                + $"Make a key with 'hearth keys create NAME', set {ServerClient.KeyVariable}, or listen to this machine only with --listen {ListenAddress.Default.Text}.");
        }

        if (tls is null)
        {
            context.Note($"{open.Text} is not encrypted: keys, prompts and answers can be read on their way. Give it a certificate with --tls-certificate, or let only what encrypts reach it, such as a proxy.");
        }
    }

    private async Task RegisterAsync(ModelHost host, IReadOnlyList<ResolvedModel> models, ParseResult parsed, CancellationToken cancellationToken)
    {
        ModelSettings settings = _modelOptions.Read(parsed, context);
        foreach (ResolvedModel model in models)
        {
            string name = model.Name;
            if (host.Models.Any(served => served.Name == name))
            {
                throw new CliUsageException($"Two of the models would be served as '{name}'; rename one of the files.");
            }

            ModelSettings own = host.Models.Count > 0 ? settings.ForFurtherModels() : settings;
            ServedModel registered = model.Stored is { } stored ? host.ServeStored(stored, own) : host.Register(name, model.Weights.First, commandLine: own);
            if (registered.Estimate.Total > host.MemoryBytes)
            {
                await Console.Error.WriteLineAsync($"hearth: {new ModelMemoryException(name, registered.Estimate, host.MemoryBytes).Message}");
            }
        }

        foreach (ServedModel served in host.Models.Where(served => served.Options.Preload || _hostOptions.Preloads(parsed, context)))
        {
            if (host.HasRoomFor(served))
            {
                await host.PreloadAsync(served.Name, cancellationToken);
            }
            else
            {
                await Console.Error.WriteLineAsync($"hearth: '{served.Name}' does not fit beside the models that are loaded already; its first request will load it.");
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

    private OtlpOptions? ReadOtlp(ParseResult parsed)
    {
        try
        {
            return OtlpOptions.Read(parsed.GetValue(_otlp), context.Variable);
        }
        catch (FormatException exception)
        {
            throw new CliUsageException($"{(parsed.GetValue(_otlp) is null ? OtlpOptions.EndpointVariable : _otlp.Name)}: {exception.Message}");
        }
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

    /// <summary>The first signal ends the server when its requests have ended, the second one ends these, too.</summary>
    private sealed class Signals : IDisposable
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenSource _second = new();
        private readonly PosixSignalRegistration[] _registrations;

        public Signals() => _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];

        public Task First => _first.Task;

        public CancellationToken Second => _second.Token;

        public void Dispose()
        {
            Array.ForEach(_registrations, registration => registration.Dispose());
            _second.Dispose();
        }

        private void Handle(PosixSignalContext context)
        {
            context.Cancel = true;
            if (!_first.TrySetResult())
            {
                _second.Cancel();
            }
        }
    }
}
