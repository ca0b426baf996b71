using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Engine.Templates;

namespace Hearth.Cli.Commands.Debugging;

/// <summary><c>hearth debug template</c>.</summary>
internal static class TemplateCommand
{
    public static Command Create()
    {
        Argument<string> file = new("template") { Description = $"A chat template: Jinja, or Ollama's language when the name ends with {ChatTemplateSource.GoExtension}", HelpName = "FILE" };
        Option<string> context = new("--context") { Description = "A JSON object with the template's variables (messages, tools, ...)", Required = true, HelpName = "FILE.json" };
        Option<string?> now = new("--now") { Description = "The time that the template sees, for example 2026-01-02T03:04:05 [default: the clock]", HelpName = "TIME" };
        Command command = new("template", "Print a chat template's rendering exactly.") { file, context, now };
        command.SetAction((parsed, cancellationToken) => CliErrors.RunAsync(
            async () =>
            {
                string path = parsed.GetValue(file)!;
                ChatTemplate template = ChatTemplate.Parse(ChatTemplateSource.OfFile(path, await DebugCommand.ReadTextAsync(path, cancellationToken)));
                JsonObject variables = await ReadContextAsync(parsed.GetValue(context)!, cancellationToken);
                TemplateRenderOptions options = new() { Clock = parsed.GetValue(now) is string time ? new FixedClock(ReadTime(time)) : TimeProvider.System };
                Console.Write(template.Render(variables, options, cancellationToken));
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static async Task<JsonObject> ReadContextAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return JsonNode.Parse(await DebugCommand.ReadTextAsync(path, cancellationToken)) as JsonObject ?? throw new IOException($"'{path}' is not a JSON object.");
        }
        catch (JsonException exception)
        {
            throw new IOException($"'{path}' is not valid JSON: {exception.Message}", exception);
        }
    }

    private static DateTimeOffset ReadTime(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out DateTimeOffset time)
            ? time
            : throw new CliUsageException($"--now: '{text}' is not a time; expected for example 2026-01-02T03:04:05.");

    /// <summary>A clock that stands still; its zone is that of the time given.</summary>
    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone { get; } = TimeZoneInfo.CreateCustomTimeZone("fixed", now.Offset, null, null);

        public override DateTimeOffset GetUtcNow() => now.ToUniversalTime();
    }
}
