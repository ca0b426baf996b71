using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Hearth.Cli.Remote;
using Hearth.Server.Hosting;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth ps</c>.</summary>
internal static class PsCommand
{
    /// <summary>How JSON is printed.</summary>
    public static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };


    public static Command Create(CliContext context)
    {
        Option<string?> host = ServerAddress.CreateOption();
        Option<bool> json = new("--json") { Description = "Print the server's answer instead of a table" };
        Command command = new("ps", "List the models that a running server has loaded.") { host, json };
        return command.Do(context, async (parsed, cancellationToken) =>
        {
            using ServerClient client = new(ServerAddress.Read(parsed.GetValue(host), context), context);
            using JsonDocument models = await client.GetAsync("/engines/ps", cancellationToken);
            if (parsed.GetValue(json))
            {
                context.Output.WriteLine(JsonSerializer.Serialize(models.RootElement, Indented));
            }
            else
            {
                Write(context, models.RootElement);
            }

            return ExitCode.Success;
        });
    }

    /// <summary>Prints models that are loaded as a table.</summary>
    public static void Write(CliContext context, JsonElement models)
    {
        TextTable table = new("MODEL", "MODE", "CONTEXT", "MEMORY", "REQUESTS", "UNTIL");
        foreach (JsonElement model in models.EnumerateArray())
        {
            table.Add(
                model.GetProperty("model_name").GetString()!,
                model.GetProperty("mode").GetString()!,
                model.GetProperty("context_length").GetRawText(),
                ByteSize.Format(model.GetProperty("memory_bytes").GetInt64()),
                model.GetProperty("requests").GetRawText(),
                Until(model, context.Time));
        }

        table.Write(context);
    }

    private static string Until(JsonElement model, TimeProvider time)
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

        TimeSpan left = expiry.GetDateTimeOffset() - time.GetUtcNow();
        return left <= TimeSpan.Zero ? "Expiring"
            : left < TimeSpan.FromMinutes(1) ? $"{Math.Ceiling(left.TotalSeconds).ToString(CultureInfo.InvariantCulture)} seconds from now"
            : $"{Math.Ceiling(left.TotalMinutes).ToString(CultureInfo.InvariantCulture)} minutes from now";
    }
}
