using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Cli.Remote;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth stop</c>.</summary>
internal static class StopCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string[]> models = new("models") { Description = "The models to unload, by the names that clients use", Arity = ArgumentArity.ZeroOrMore, HelpName = "MODEL" };
        Option<bool> all = new("--all") { Description = "Unload every model" };
        Option<string?> host = ServerAddress.CreateOption();
        Command command = new("stop", "Unload models of a running server; a model that is in use goes when its requests have ended.") { models, all, host };
        command.Aliases.Add("unload");
        return command.Do(context, async (parsed, cancellationToken) =>
        {
            string[] names = parsed.GetValue(models) ?? [];
            if (names.Length == 0 && !parsed.GetValue(all))
            {
                throw new CliUsageException("Say which models to unload, or --all.");
            }

            using ServerClient client = new(ServerAddress.Read(parsed.GetValue(host), context), context);
            string body = new JsonObject { ["all"] = parsed.GetValue(all), ["models"] = new JsonArray([.. names.Select(name => (JsonNode)name)]) }.ToJsonString();
            using JsonDocument result = await client.PostAsync("/engines/unload", body, cancellationToken);
            Print(context, result.RootElement.GetProperty("unloaded_runners").GetInt32(), result.RootElement.GetProperty("busy_runners").GetInt32(), names);
            return ExitCode.Success;
        });
    }

    private static void Print(CliContext context, int unloaded, int busy, string[] names)
    {
        if (unloaded + busy == 0)
        {
            context.Output.WriteLine(names.Length == 0 ? "No models are loaded." : "No such model is loaded.");
        }

        if (unloaded > 0)
        {
            context.Output.WriteLine($"Unloaded {unloaded} {Models(unloaded)}.");
        }

        if (busy > 0)
        {
            context.Output.WriteLine($"{busy} {Models(busy)} in use will be unloaded when the requests that run have ended.");
        }
    }

    private static string Models(int count) => count == 1 ? "model" : "models";
}
