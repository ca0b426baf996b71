using System.Diagnostics;
using Hearth.Server.Access;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Server.Logging;
using Hearth.Server.Ui.Browser;
using Hearth.Server.Ui.Chat;
using Hearth.Server.Ui.Dashboard;
using Hearth.Server.Ui.Models;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hearth.Server.Ui;

/// <summary>
/// Answers what belongs to the page. Blazor and its services are made by the first request for it, so that a server that nobody looks at neither starts
/// later nor needs their memory.
/// </summary>
/// <param name="server">The services of the server.</param>
/// <param name="host">The models.</param>
/// <param name="gate">Who may ask.</param>
/// <param name="options">The options of the server.</param>
internal sealed class PageHost(IServiceProvider server, ModelHost host, AccessGate gate, HearthServerOptions options) : IAsyncDisposable
{
    private const int MaxConnections = 256;
    private const int MaxRetainedCircuits = 32;
    private const int MaxMessageBytes = 64 * 1024;
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_retention = TimeSpan.FromMinutes(2);
    private readonly Lock _gate = new();
    private Branch? _branch;
    private int _connections;

    /// <summary>Answers a request of the page, or lets it pass.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (!PagePaths.Contain(context.Request))
        {
            await next(context);
            return;
        }

        Branch branch = Start();
        PageHeaders.Set(context.Response);
        if (context.Request.Path.StartsWithSegments(PageAssets.Folder.TrimEnd('/'), out PathString rest))
        {
            if (!await branch.Assets.TrySendAsync(context, rest.Value!.TrimStart('/')))
            {
                throw new ApiException(404, "not_found_error", $"The page has no file {rest.Value}.", null, "not_found");
            }

            return;
        }

        if (!PagePaths.IsConnection(context.Request))
        {
            await branch.RunAsync(context);
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _connections) > MaxConnections)
            {
                throw new ApiException(503, "server_error", $"{MaxConnections} pages are open, as many as may.", null, "too_many_pages") { RetryAfter = s_retry };
            }

            await branch.RunAsync(context);
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_branch is not null)
        {
            await _branch.Services.DisposeAsync();
        }
    }

    private Branch Start()
    {
        lock (_gate)
        {
            return _branch ??= Create();
        }
    }

    private Branch Create()
    {
        ServiceCollection services = new();
        Share<IConfiguration>(services);
        Share<IWebHostEnvironment>(services);
        Share<IHostEnvironment>(services);
        Share<IHostApplicationLifetime>(services);
        Share<ILoggerFactory>(services);
        Share<DiagnosticListener>(services);
        Share<DiagnosticSource>(services);
        Share<TimeProvider>(services);
        Share<LogBuffer>(services);
        Share<RequestJournal>(services);
        Share<ServerDrain>(services);
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        services.AddOptions();
        services.AddRouting();
        services.AddSingleton(host);
        services.AddSingleton(gate);
        services.AddSingleton(options);
        services.AddSingleton(new PageOptions(options.Access));
        services.AddSingleton<PageAssets>();
        services.AddSingleton<PullQueue>();
        services.AddSingleton<DashboardSampler>();
        services.AddScoped<PageKey>();
        services.AddScoped<BrowserModule>();
        services.AddScoped<ConversationStore>();
        services.AddScoped<ChatSession>();

        // What it protects is worth nothing after this process: no keys are written to the disk.
        services.AddSingleton<IDataProtectionProvider, EphemeralDataProtectionProvider>();
        services.AddSingleton<IAntiforgery, NoForms>();
        services.AddRazorComponents().AddInteractiveServerComponents(circuits =>
        {
            circuits.DisconnectedCircuitMaxRetained = MaxRetainedCircuits;
            circuits.DisconnectedCircuitRetentionPeriod = s_retention;
        }).AddHubOptions(hub => hub.MaximumReceiveMessageSize = MaxMessageBytes);
        ServiceProvider provider = services.BuildServiceProvider();
        ApplicationBuilder pipeline = new(provider);
        pipeline.UseStatusCodePagesWithReExecute(PagePaths.NotFound, createScopeForStatusCodePages: true);
        pipeline.UseRouting();
        pipeline.UseAntiforgery();
        pipeline.UseEndpoints(routes => routes.MapRazorComponents<App>().AddInteractiveServerRenderMode(mode => mode.ContentSecurityFrameAncestorsPolicy = null));
        return new Branch(provider, pipeline.Build(), provider.GetRequiredService<PageAssets>());
    }

    private void Share<T>(ServiceCollection services)
        where T : class => services.AddSingleton(_ => server.GetRequiredService<T>());

    private sealed record Branch(ServiceProvider Services, RequestDelegate Pipeline, PageAssets Assets)
    {
        public async Task RunAsync(HttpContext context)
        {
            IServiceProvidersFeature? outer = context.Features.Get<IServiceProvidersFeature>();
            await using RequestServicesFeature inner = new(context, Services.GetRequiredService<IServiceScopeFactory>());
            context.Features.Set<IServiceProvidersFeature>(inner);
            try
            {
                await Pipeline(context);
            }
            finally
            {
                context.Features.Set(outer);
            }
        }
    }
}
