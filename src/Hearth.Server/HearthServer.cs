using System.Diagnostics;
using Hearth.Server.Access;
using Hearth.Server.Anthropic;
using Hearth.Server.Batches;
using Hearth.Server.Errors;
using Hearth.Server.Files;
using Hearth.Server.Hosting;
using Hearth.Server.LlamaServer;
using Hearth.Server.LocalAi;
using Hearth.Server.Logging;
using Hearth.Server.ModelRunner;
using Hearth.Server.Observability;
using Hearth.Server.Ollama;
using Hearth.Server.OpenAi;
using Hearth.Server.OpenAi.Responses;
using Hearth.Server.Status;
using Hearth.Server.Ui;
using Hearth.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hearth.Server;

/// <summary>Options of a server.</summary>
public sealed record HearthServerOptions
{
    /// <summary>Where to listen.</summary>
    public IReadOnlyList<ListenAddress> Listen { get; init; } = [ListenAddress.Default];

    /// <summary>Bytes that a request's body may have.</summary>
    public long MaxRequestBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>What a connection may take, and how slow it may be.</summary>
    public ConnectionLimits Connections { get; init; } = new();

    /// <summary>What connections over a network are encrypted with; null where they are not.</summary>
    public TlsOptions? Tls { get; init; }

    /// <summary>Who may ask.</summary>
    public AccessOptions Access { get; init; } = new();

    /// <summary>How many responses of OpenAI's Responses API are kept, and for how long.</summary>
    public ResponseStoreOptions Responses { get; init; } = new();

    /// <summary>Where files and batches of clients are kept; null where none are taken.</summary>
    public string? DataFolder { get; init; }

    /// <summary>How much of them is taken.</summary>
    public FileLimits Files { get; init; } = new();

    /// <summary>How long answers may go on after the server has been told to stop; then they end with an error.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether <c>GET /metrics</c> answers.</summary>
    public bool HasMetrics { get; init; } = true;

    /// <summary>Where spans and metrics are sent; null for nowhere.</summary>
    public OtlpOptions? Otlp { get; init; }
}

/// <summary>The HTTP server: routes, limits and errors.</summary>
public static class HearthServer
{
    // Of answers that have been told to end, and of connections.
    private static readonly TimeSpan s_closingTime = TimeSpan.FromSeconds(3);

    /// <summary>Builds a server over a host's models; the caller starts and stops it, and disposes the host after it.</summary>
    /// <exception cref="TlsFileException">The certificate cannot be used.</exception>
    public static WebApplication Create(ModelHost host, HearthServerOptions? options = null)
    {
        options ??= new HearthServerOptions();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        TlsCertificate? certificate = options.Tls is TlsOptions tls ? new TlsCertificate(tls, TimeProvider.System) : null;
        builder.WebHost.UseKestrelCore().UseSockets(sockets => sockets.CreateBoundListenSocket = ListenAddress.Bind).UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxRequestBytes;
            options.Connections.Apply(kestrel.Limits);
            foreach (ListenAddress address in options.Listen)
            {
                address.Apply(kestrel, listen => Configure(listen, options.Connections, address.HasNetwork ? certificate : null));
            }
        });
        builder.Services.AddRoutingCore();
        RequestEncoding.Add(builder.Services);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<ServerDrain>();
        builder.Services.AddSingleton<ModelJobs>();
        builder.Services.AddSingleton<LogBuffer>();
        builder.Services.AddSingleton(services => new ResponseStore(options.Responses, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<RequestJournal>();
        builder.Services.AddSingleton<ILoggerProvider>(services => services.GetRequiredService<LogBuffer>());
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter<LogBuffer>(ServerLog.Category, LogLevel.Information);
        // A start that fails is told by the exception that the caller gets.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = s_closingTime);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(services => new AccessGate(options.Access, options.Listen.All(address => address.IsLocal), services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton(services => new PageHost(services, host, services.GetRequiredService<AccessGate>(), options));
        BatchApi.Add(builder.Services, options);
        if (options.Otlp is OtlpOptions otlp)
        {
            AddExport(builder.Services, otlp, host.Metrics);
        }

        WebApplication app = builder.Build();
        if (options.Otlp is not null)
        {
            StartExport(app.Services);
        }

        ILogger log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(ServerLog.Category);
        certificate?.WarnIfNotValid(log);
        TimeProvider time = app.Services.GetRequiredService<TimeProvider>();
        RequestJournal journal = app.Services.GetRequiredService<RequestJournal>();
        app.Use((context, next) => LogAsync(log, journal, context, next));
        RequestMeter meter = new(host.Metrics.Requests);
        app.Use(meter.InvokeAsync);
        app.Use(HandleErrorsAsync);
        app.Use(app.Services.GetRequiredService<ServerDrain>().InvokeAsync);
        AccessGate gate = app.Services.GetRequiredService<AccessGate>();
        app.Use(gate.InvokeAsync);
        if (app.Services.GetService<BatchRunner>() is BatchRunner runner)
        {
            app.Use(next =>
            {
                runner.Dispatcher.Routes = context => meter.InvokeAsync(context, measured => HandleErrorsAsync(measured, owned => gate.InvokeForOwnerAsync(owned, next)));
                return next;
            });
            app.Lifetime.ApplicationStarted.Register(runner.Start);
        }

        app.Use(app.Services.GetRequiredService<PageHost>().InvokeAsync);
        app.Use((context, next) =>
        {
            AwaitedBody.Watch(context, options.Connections.SlownessTimeout, time);
            return next(context);
        });
        RequestEncoding.Use(app);
        app.UseRouting();
        app.Use(RouteScopes.InvokeAsync);
        app.Use(new PreloadOnly(host).InvokeAsync);
        IEndpointRouteBuilder routes = RouteScopes.Group(app);
        OpenAiApi.Map(routes, host, time, new ResponseRoutes(host, app.Services.GetRequiredService<ResponseStore>(), time));
        BatchApi.Map(routes, app.Services, options.Files);
        AnthropicApi.Map(routes, host);
        LlamaApi.Map(routes, host);
        ModelRunnerApi.Map(routes, host, time);
        OllamaApi.Map(routes, host, time);
        if (host.Options.Store is ModelStore store)
        {
            ModelJobRoutes.Map(routes, host, store, app.Services.GetRequiredService<ModelJobs>());
        }

        routes.MapGet(ServerDrain.LivePath, ModelRoutes.HealthAsync);
        routes.MapGet(ServerDrain.ReadyPath, ModelRoutes.HealthAsync);
        routes.MapGet("/status", new StatusRoute(host).HandleAsync);
        routes.MapGet("/logs", new LogRoutes(app.Services.GetRequiredService<LogBuffer>()).ReadAsync);
        if (options.HasMetrics)
        {
            routes.MapGet("/metrics", new MetricsRoute(host.Metrics).HandleAsync);
        }

        app.UseEndpoints(_ => { });
        app.Run(context => throw new ApiException(404, "not_found_error", $"There is no {context.Request.Method} {context.Request.Path} here.", null, "not_found"));
        return app;
    }

    /// <summary>
    /// Ends a server: new requests are refused, those that run may go on for <see cref="HearthServerOptions.ShutdownTimeout"/>, and streams that
    /// are not done then end with an error event.
    /// </summary>
    /// <param name="server">A server that <see cref="Create"/> has made.</param>
    /// <param name="hurry">Ends what runs without waiting.</param>
    public static async Task StopAsync(WebApplication server, CancellationToken hurry = default)
    {
        ArgumentNullException.ThrowIfNull(server);
        if (server.Services.GetService<BatchRunner>() is BatchRunner runner)
        {
            await runner.StopAsync();
        }

        await server.Services.GetRequiredService<ServerDrain>().DrainAsync(server.Services.GetRequiredService<HearthServerOptions>().ShutdownTimeout, hurry);
        await server.StopAsync(CancellationToken.None);
    }

    private static void Configure(ListenOptions listen, ConnectionLimits limits, TlsCertificate? certificate)
    {
        IServiceProvider services = listen.ApplicationServices;
        listen.Use(next => UnreadOutput.Watch(next, limits.SlownessTimeout, services.GetRequiredService<TimeProvider>()));
        certificate?.Protect(listen, limits.HandshakeTimeout, services.GetRequiredService<ILoggerFactory>().CreateLogger(ServerLog.Category));
    }

    // The SDK that sends is loaded where something is to be sent, and by the container, which ends it with the server.
    private static void AddExport(IServiceCollection services, OtlpOptions options, ServerMetrics metrics) =>
        services.AddSingleton(_ => new OtlpExport(options, metrics));

    private static void StartExport(IServiceProvider services) => services.GetRequiredService<OtlpExport>();

    private static async Task LogAsync(ILogger log, RequestJournal journal, HttpContext context, RequestDelegate next)
    {
        long started = Stopwatch.GetTimestamp();
        RequestId.Assign(context);
        RequestRecord? record = journal.Begin(context);
        await next(context);
        record?.End(context.Response.StatusCode);
        ServerLog.RequestDone(log, context, Stopwatch.GetElapsedTime(started));
    }

    private static async Task HandleErrorsAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
            if (context.Response is { StatusCode: StatusCodes.Status405MethodNotAllowed, HasStarted: false })
            {
                string message = $"{context.Request.Path} does not take {context.Request.Method}; it takes {context.Response.Headers.Allow}.";
                await ErrorShapes.WriteAsync(context, new ApiException(405, "invalid_request_error", message));
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; there is nobody to tell.
            RequestMeasurement.Current?.Cancel();
        }
#pragma warning disable CA1031 // The one place where every failure becomes an answer.
        catch (Exception exception) when (!context.Response.HasStarted)
#pragma warning restore CA1031
        {
            ApiException error = ErrorTable.Describe(exception);
            if (error.Status == StatusCodes.Status500InternalServerError)
            {
                ServerLog.RequestFailed(context, exception);
            }

            await ErrorShapes.WriteAsync(context, error);
        }
    }
}
