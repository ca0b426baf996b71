using Hearth.Server.Hosting;
using Hearth.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Hearth.Server.ModelRunner;

/// <summary>Docker Model Runner's API beside OpenAI's: engines, and the models that are stored.</summary>
internal static class ModelRunnerApi
{
    public static void Map(IEndpointRouteBuilder routes, ModelHost host, TimeProvider time)
    {
        EngineRoutes engines = new(host, time);
        routes.MapGet("/version", EngineRoutes.VersionAsync);
        routes.MapGet("/engines/ps", engines.ListRunningAsync);
        routes.MapGet("/engines/status", EngineRoutes.StatusAsync);
        routes.MapPost("/engines/unload", engines.UnloadAsync);
        foreach (string path in (string[])["/engines/_configure", "/engines/{engine}/_configure"])
        {
            routes.MapPost(path, engines.ConfigureAsync);
            routes.MapGet(path, engines.ShowConfigurationAsync);
        }

        if (host.Options.Store is ModelStore store)
        {
            Map(routes, new StoreRoutes(host, store));
        }
    }

    private static void Map(IEndpointRouteBuilder routes, StoreRoutes models)
    {
        const string Named = "/models/{**name}";
        routes.MapGet("/models", models.ListAsync);
        routes.MapGet(Named, models.GetAsync);
        routes.MapPost("/models/create", models.CreateAsync);
        routes.MapPost("/models/load", models.LoadAsync);
        routes.MapPost(Named, models.ActAsync);
        routes.MapDelete(Named, models.DeleteAsync);
        routes.MapGet("/engines/df", models.MeasureAsync);
    }
}
