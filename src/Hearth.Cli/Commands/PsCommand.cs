using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Hearth.Cli.Remote;
using Hearth.Server.Hosting;
using Spectre.Console;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth ps</c>.</summary>
internal static class PsCommand
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    public static Command Create()
    {
        Option<string?> host = ServerAddress.CreateOption();
        Option<bool> json = new("--json") { Description = "Print the server's answer instead of a table" };
        Command command = new("ps", "List the models that a running server has loaded.") { host, json };
        command.SetAction((parsed, cancellationToken) => CliErrors.RunAsync(
            async () =>
            {
                using ServerClient client = new(ServerAddress.Read(parsed.GetValue(host)));
                using JsonDocument models = await client.GetAsync("/engines/ps", cancellationToken);
                if (parsed.GetValue(json))
                {
                    Console.WriteLine(JsonSerializer.Serialize(models.RootElement, s_indented));
                }
                else
                {
                    Print(models.RootElement);
                }

                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static void Print(JsonElement models)
    {
        Table table = new Table().NoBorder();
        foreach (string column in (string[])["MODEL", "MODE", "CONTEXT", "MEMORY", "REQUESTS", "UNTIL"])
        {
            table.AddColumn(new TableColumn(column).NoWrap().PadLeft(0).PadRight(3));
        }

        foreach (JsonElement model in models.EnumerateArray())
        {
            string[] cells =
            [
                TerminalText.Printable(model.GetProperty("model_name").GetString()!),
                model.GetProperty("mode").GetString()!,
                model.GetProperty("context_length").GetRawText(),
                ByteSize.Format(model.GetProperty("memory_bytes").GetInt64()),
                model.GetProperty("requests").GetRawText(),
                Until(model),
            ];
            table.AddRow([.. cells.Select(cell => new Text(cell))]);
        }

        // A pipe has no width, and a row is one line there.
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 1000;
        }

        AnsiConsole.Write(table);
    }

    private static string Until(JsonElement model)
    {
        if (model.TryGetProperty("loading", out _))
        {
            return "Loading...";
        }

        if (model.TryGetProperty("in_use", out _))
        {
            return "In use";
        }

        if (!model.TryGetProperty("expires_at", out JsonElement expiry))
        {
            return "Forever";
        }

        TimeSpan left = expiry.GetDateTimeOffset() - DateTimeOffset.UtcNow;
        return left <= TimeSpan.Zero ? "Expiring"
            : left < TimeSpan.FromMinutes(1) ? $"{Math.Ceiling(left.TotalSeconds).ToString(CultureInfo.InvariantCulture)} seconds from now"
            : $"{Math.Ceiling(left.TotalMinutes).ToString(CultureInfo.InvariantCulture)} minutes from now";
    }
}
