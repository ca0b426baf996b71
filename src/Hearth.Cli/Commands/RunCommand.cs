using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using Hearth.Cli.Chat;
using Hearth.Cli.Models;
using Hearth.Engine.Scheduling;
using Hearth.Server;
using Hearth.Server.Hosting;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth run</c>: one answer, or a chat.</summary>
internal sealed class RunCommand(CliContext context)
{
    private const int MaxInputBytes = 64 * 1024 * 1024;
    private static readonly TimeSpan s_inputPatience = TimeSpan.FromSeconds(2);
    private readonly Argument<string> _model = new("model") { Description = "The path of a GGUF file, 'guide', or a model of the store, which is pulled when it is not there [default: guide]", Arity = ArgumentArity.ZeroOrOne, HelpName = "MODEL" };
    private readonly Argument<string[]> _prompt = new("prompt") { Description = "What to ask; without it, standard input, or a chat in a terminal", Arity = ArgumentArity.ZeroOrMore, HelpName = "PROMPT" };
    private readonly Option<string?> _system = new("--system", "-sys") { Description = "Instructions for the model, ahead of the conversation", HelpName = "TEXT" };
    private readonly Option<int> _predict = new("--n-predict", "-n", "--predict")
    {
        Description = "Tokens to make at most; -1 for as many as the context holds",
        DefaultValueFactory = _ => -1,
        HelpName = "N",
    };

    private readonly Option<string[]> _stop = new("--stop", "-r", "--reverse-prompt") { Description = "A text that ends the answer; may be given several times", HelpName = "TEXT" };
    private readonly Option<bool> _raw = new("--raw") { Description = "Feed the text as it is, without a chat template" };
    private readonly Option<bool> _verbose = new("--verbose", "-v") { Description = "Print load time, prompt and decode rates to standard error" };
    private readonly SamplingOptionSet _sampling = new();
    private readonly ModelOptions _modelOptions = ModelOptions.ForRunning();

    public static Command Create(CliContext context) => new RunCommand(context).Build();

    private Command Build()
    {
        _predict.Validators.Add(RequireLimit);
        Command command = new("run", "Ask a model something, or chat with it.") { _model, _prompt, _system, _predict, _stop, _raw, _verbose };
        _modelOptions.AddTo(command);
        _sampling.AddTo(command);
        return command.Do(context, RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string named = parsed.GetValue(_model) ?? BuiltInModels.Guide;
        if (await new ModelResolver(context).ResolveOrPullAsync([named], cancellationToken) is not [ResolvedModel resolved])
        {
            return ExitCode.Interrupted;
        }

        ServedModelOptions options = _modelOptions.Read(parsed, context).Over(context.OpenSettings().Get(resolved.SettingsKey)).ToOptions(resolved.Packaged(context.Note));
        ChatSettings settings = new()
        {
            Sampling = _sampling.Read(parsed, options.Sampling),
            SystemPrompt = parsed.GetValue(_system),
            Package = options.Conversation,
            MaxTokens = parsed.GetResult(_predict) is { Implicit: false } ? parsed.GetValue(_predict) is > 0 and int limit ? limit : null : options.MaxTokens,
            ReasoningBudget = options.ReasoningBudget,
            Stop = parsed.GetValue(_stop) is { Length: > 0 } stop ? stop : options.Stop,
            Raw = parsed.GetValue(_raw),
            Verbose = parsed.GetValue(_verbose),
        };
        if (settings.Stop.Contains(string.Empty))
        {
            throw new CliUsageException("--stop: an empty text would stop at once.");
        }

        string? prompt = await ReadPromptAsync(string.Join(' ', parsed.GetValue(_prompt) ?? []), cancellationToken);
        using LanguageModel model = LanguageModel.Load(resolved.Weights, options.Load with { Parallel = 1 });
        ChatSession session = new(model, settings);
        return prompt is null ? await new InteractiveChat(session).RunAsync(cancellationToken) : await OneShot.RunAsync(session, prompt, cancellationToken);
    }

    /// <summary>The prompt of the arguments and of a pipe, one after the other; null for a chat in a terminal.</summary>
    private static async Task<string?> ReadPromptAsync(string argument, CancellationToken cancellationToken)
    {
        if (!Console.IsInputRedirected)
        {
            return argument.Length > 0 ? argument : null;
        }

        string input = (await ReadStandardInputAsync(cancellationToken)).TrimEnd('\r', '\n');
        string[] parts = [.. new[] { argument, input }.Where(part => part.Length > 0)];
        return parts.Length > 0 ? string.Join("\n\n", parts) : throw new CliUsageException("There is no prompt: give one as an argument or on standard input.");
    }

    private static async Task<string> ReadStandardInputAsync(CancellationToken cancellationToken)
    {
        using MemoryStream bytes = new();
        await using Stream input = Console.OpenStandardInput();
        byte[] buffer = new byte[64 * 1024];

        // A program that starts this one may have left a pipe open that it never writes to.
        await using Timer hint = new(
            _ => Console.Error.WriteLine("hearth: waiting for standard input, which is part of the prompt; close it (< /dev/null) to go without."),
            null,
            s_inputPatience,
            Timeout.InfiniteTimeSpan);
        for (int read; (read = await input.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            hint.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            bytes.Write(buffer, 0, read);
            if (bytes.Length > MaxInputBytes)
            {
                throw new IOException($"Standard input has more than {MaxInputBytes / (1024 * 1024)} MB; no model takes a prompt that long.");
            }
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
        }
        catch (DecoderFallbackException exception)
        {
            throw new IOException($"Standard input is not UTF-8 text: the bytes at offset {exception.Index} are no character.", exception);
        }
    }

    private static void RequireLimit(OptionResult result)
    {
        if (result.Tokens is [var token] && int.TryParse(token.Value, out int value) && value is 0 or < -1)
        {
            result.AddError($"'{result.Option.Name}' must be at least 1, or -1 for no limit, not {value}.");
        }
    }

}
