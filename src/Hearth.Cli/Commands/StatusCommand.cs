using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Cli.Remote;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth status</c>.</summary>
internal static class StatusCommand
{
    public static Command Create(CliContext context)
    {
        Option<string?> host = ServerAddress.CreateOption();
        Option<bool> json = ModelArguments.Json("Print an object in JSON instead of text");
        Command command = new("status", "Tell whether a server answers, and which models it has loaded.") { host, json };
        return command.Do(context, async (parsed, cancellationToken) =>
        {
            ServerAddress address = ServerAddress.Read(parsed.GetValue(host), context);
            using ServerClient client = new(address, context);
            try
            {
                using JsonDocument models = await client.GetAsync("/engines/ps", cancellationToken);
                if (parsed.GetValue(json))
                {
                    WriteJson(context, address, JsonArray.Create(models.RootElement), null);
                }
                else
                {
                    context.Output.WriteLine($"Hearth is running at {TerminalText.Printable(address.Text)}; {Count(models.RootElement.GetArrayLength())} loaded.");
                    PsCommand.Write(context, models.RootElement);
                }

                return ExitCode.Success;
            }
            catch (IOException exception)
            {
                if (parsed.GetValue(json))
                {
                    WriteJson(context, address, null, exception.Message);
                }
                else
                {
                    context.Note(exception.Message);
                }

                return ExitCode.Failure;
            }
        });
    }

    private static string Count(int models) => models == 1 ? "1 model is" : $"{models} models are";

    private static void WriteJson(CliContext context, ServerAddress address, JsonArray? models, string? error)
    {
        JsonObject status = new() { ["running"] = models is not null, ["endpoint"] = address.Text };
        if (models is not null)
        {
            status["models"] = models;
        }

        // A server that wants a key runs, but says nothing.
        if (error is not null)
        {
            status["error"] = error;
        }

        context.Output.WriteLine(status.ToJsonString(PsCommand.Indented));
    }
}
