using Hearth.Server.Files;
using Hearth.Server.Logging;
using Hearth.Server.OpenAi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Hearth.Server.Batches;

/// <summary>Files and batches of OpenAI's API: they are there where the server has a folder to keep them in.</summary>
internal static class BatchApi
{
    /// <summary>Adds what keeps them and works at them.</summary>
    public static void Add(IServiceCollection services, HearthServerOptions options)
    {
        if (options.DataFolder is not string folder)
        {
            return;
        }

        services.AddSingleton(provider => new BatchFolder(Path.Combine(folder, "batches"), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new FileFolder(Path.Combine(folder, "files"), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider =>
        {
            TimeProvider time = provider.GetRequiredService<TimeProvider>();
            ILogger log = provider.GetRequiredService<ILoggerFactory>().CreateLogger(ServerLog.Category);
            BatchDispatcher dispatcher = new(provider, options.Files.LinesAtOnce, time);
            return new BatchRunner(provider.GetRequiredService<BatchFolder>(), provider.GetRequiredService<FileFolder>(), options.Files, dispatcher, time, log);
        });
    }

    /// <summary>Maps their routes.</summary>
    public static void Map(IEndpointRouteBuilder routes, IServiceProvider services, FileLimits limits)
    {
        if (services.GetService<BatchRunner>() is not BatchRunner runner)
        {
            return;
        }

        FileFolder files = services.GetRequiredService<FileFolder>();
        FileRoutes fileRoutes = new(files, limits, runner.UserOf);
        BatchRoutes batchRoutes = new(runner, services.GetRequiredService<BatchFolder>(), files, limits, services.GetRequiredService<TimeProvider>());
        foreach (string prefix in OpenAiApi.Prefixes)
        {
            fileRoutes.Map(routes, prefix);
            batchRoutes.Map(routes, prefix);
        }
    }
}
