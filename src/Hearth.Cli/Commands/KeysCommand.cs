using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hearth.Cli.Configuration;
using Hearth.Server.Access;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth keys</c>: who may ask the server.</summary>
internal sealed class KeysCommand(CliContext context)
{
    private readonly Argument<string> _name = new("name") { Description = "What the key is called", HelpName = "NAME" };
    private readonly Option<int?> _requests = Limit<int?>("--requests-per-minute", "Requests in a minute at most");
    private readonly Option<long?> _minuteTokens = Limit<long?>("--tokens-per-minute", "Tokens in a minute at most, read and made");
    private readonly Option<long?> _dayTokens = Limit<long?>("--tokens-per-day", "Tokens in a day at most");
    private readonly Option<KeyScope[]> _scopes = new("--scope")
    {
        Description = "What it is for: inference (asking models), models (getting, changing and removing them), metrics (GET /metrics), admin (everything); several by commas or given several times [default: inference]",
        HelpName = "SCOPE",
        AllowMultipleArgumentsPerToken = false,
        CustomParser = result => [.. result.Tokens.SelectMany(token => HostOptionSet.Read(result, _ => ParseScopes(token.Value)) ?? []).Distinct()],
    };

    private readonly Option<bool> _json = ModelArguments.Json();

    public static Command Create(CliContext context) => new KeysCommand(context).Build();

    private Command Build()
    {
        Command create = new("create", "Make a key and print it, once: only its hash is kept. From the first key on, the server wants one.") { _name, _scopes, _requests, _minuteTokens, _dayTokens };
        Command list = new("list", "List the keys, what they are for, and their limits.") { _json };
        Command remove = new("rm", "Remove a key: it opens nothing from then on, also at a running server.") { _name };
        list.Aliases.Add("ls");
        create.Do(context, MakeKey);
        list.Do(context, ListKeys);
        remove.Do(context, RemoveKey);
        return new Command("keys", "Make, list and remove the API keys of the server.") { create, list, remove };
    }

    private int MakeKey(ParseResult parsed)
    {
        string name = parsed.GetValue(_name)!;
        ApiKey limits = new(name, string.Empty, default)
        {
            Scopes = parsed.GetValue(_scopes) is { Length: > 0 } scopes ? scopes : [KeyScope.Inference],
            RequestsPerMinute = parsed.GetValue(_requests),
            TokensPerMinute = parsed.GetValue(_minuteTokens),
            TokensPerDay = parsed.GetValue(_dayTokens),
        };
        try
        {
            context.Output.WriteLine(context.OpenKeys().Create(name, limits, context.Time.GetUtcNow()));
        }
        catch (ArgumentException exception)
        {
            throw new CliUsageException(exception.Message);
        }

        context.Note("Keep this key: it cannot be shown again.");
        return ExitCode.Success;
    }

    private int ListKeys(ParseResult parsed)
    {
        IReadOnlyList<ApiKey> keys = context.OpenKeys().List();
        if (parsed.GetValue(_json))
        {
            KeyEntry[] entries = [.. keys.Select(key => new KeyEntry(key.Name, key.Created, [.. ScopesOf(key)], key.RequestsPerMinute, key.TokensPerMinute, key.TokensPerDay))];
            context.Output.WriteLine(JsonSerializer.Serialize(entries, KeyEntryJson.Default.KeyEntryArray));
            return ExitCode.Success;
        }

        TextTable table = new("NAME", "CREATED", "SCOPES", "REQUESTS/MINUTE", "TOKENS/MINUTE", "TOKENS/DAY");
        foreach (ApiKey key in keys)
        {
            table.Add(key.Name, HumanText.Ago(key.Created, context.Time.GetUtcNow()), string.Join(",", ScopesOf(key)), Text(key.RequestsPerMinute), Text(key.TokensPerMinute), Text(key.TokensPerDay));
        }

        table.Write(context);
        return ExitCode.Success;
    }

    private int RemoveKey(ParseResult parsed)
    {
        string name = parsed.GetValue(_name)!;
        if (!context.OpenKeys().Remove(name))
        {
            throw new CliUsageException($"There is no key '{name}'; 'hearth keys list' shows what there is.");
        }

        context.Output.WriteLine($"Removed: {TerminalText.Printable(name)}");
        return ExitCode.Success;
    }

    private static Option<T> Limit<T>(string name, string description)
    {
        Option<T> option = new(name) { Description = $"{description} [default: any number]", HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && long.TryParse(token.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value < 1)
            {
                result.AddError($"'{name}' must be at least 1, not {value}.");
            }
        });
        return option;
    }

    // A key from before there were scopes is for everything.
    private static IEnumerable<string> ScopesOf(ApiKey key) => (key.Scopes ?? [KeyScope.Admin]).Select(KeyScopes.NameOf);

    private static KeyScope[] ParseScopes(string text) => ProgramConfiguration.Split(text) is { Length: > 0 } names
        ? [.. names.Select(KeyScopes.Parse)]
        : throw new FormatException("names no scope.");

    private static string Text(long? limit) => limit?.ToString(CultureInfo.InvariantCulture) ?? "-";
}

internal sealed record KeyEntry(string Name, DateTimeOffset Created, IReadOnlyList<string> Scopes, int? RequestsPerMinute, long? TokensPerMinute, long? TokensPerDay);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(KeyEntry[]))]
internal sealed partial class KeyEntryJson : JsonSerializerContext;
