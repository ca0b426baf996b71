using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Hearth.Benchmarks.Load;

/// <summary>The options of <c>load</c>.</summary>
internal sealed class LoadOptions
{
    public Option<Uri> Url { get; } = Address("--url", "The server: http://HOST:PORT.", required: true);

    public Option<Uri?> PeerUrl { get; } = Address(
        "--peer-url", "Another server, which gets the same requests in turns.", required: false)!;

    public Option<string?> Model { get; } = new("--model")
    {
        Description = "The model that is asked for. [default: the first that a server lists]",
    };

    public Option<string> Api { get; } = new("--api")
    {
        Description = "completions: prompts of token ids; chat: messages of words.",
        DefaultValueFactory = _ => "completions",
    };

    public Option<string?> ScenarioName { get; } = new("--scenario")
    {
        Description = "arrival: a long prompt where streams run; shared: many requests with one start; "
            + "hangup: a third of the clients go away.",
    };

    public Option<int[]?> Streams { get; } = new("--streams")
    {
        Description = "Requests in flight, each followed by the next when it ends; several numbers, as 1,4,8,16, are measured one after "
            + "the other. [default: 8]",
        CustomParser = ParseStreams,
    };

    public Option<double?> Rate { get; } = new("--rate")
    {
        Description = "Instead of streams: arrivals per second (Poisson), however many are in flight.",
    };

    public Option<int?> Requests { get; } = Number(
        "--requests",
        "Requests of a run. [default: 4 for each stream, 32 with --rate; without limit with --duration]");

    public Option<double?> Duration { get; } = new("--duration") { Description = "Seconds in which requests are sent." };

    public Option<LengthDistribution?> Prompt { get; } = Length(
        "--prompt-tokens",
        "Tokens of a prompt: 128, 64:512 (uniform) or 128~32 (normal). [default: 128]");

    public Option<LengthDistribution?> Answer { get; } = Length("--answer-tokens", "Tokens of an answer, alike. [default: 64]");

    public Option<int?> Shared { get; } = Number(
        "--shared-prompt-tokens",
        "Tokens at the start of all prompts of a run, beside --prompt-tokens. [default: none]");

    public Option<LengthDistribution?> Vocabulary { get; } = Length(
        "--vocabulary",
        "The token ids that prompts are made of. [default: 256:511]");

    public Option<ulong?> Seed { get; } = new("--seed")
    {
        Description = "The same seed gives the same requests. [default: another one each time, printed]",
    };

    public Option<int?> Rounds { get; } = Number("--rounds", "Runs of each server. [default: 3; hangup 1]");

    public Option<double> TimeLimit { get; } = new("--time-limit")
    {
        Description = "Seconds that one request may take.",
        DefaultValueFactory = _ => 600,
    };

    public Option<int?> Pid { get; } = Number("--pid", "The server's process: its memory is read every second.");

    public Option<int?> PeerPid { get; } = Number("--peer-pid", "The peer's process, alike.");

    public Option<bool> Json { get; } = new("--json") { Description = "Print everything as JSON in one last line, too." };

    public void AddTo(Command command)
    {
        Api.AcceptOnlyFromAmong("completions", "chat");
        ScenarioName.AcceptOnlyFromAmong("arrival", "shared", "hangup");
        Option[] options =
        [
            Url, PeerUrl, Model, Api, ScenarioName, Streams, Rate, Requests, Duration, Prompt, Answer, Shared, Vocabulary, Seed, Rounds,
            TimeLimit, Pid, PeerPid, Json,
        ];
        Array.ForEach(options, command.Options.Add);
        command.Validators.Add(Check);
    }

    private void Check(CommandResult result)
    {
        bool Given(Option option) => result.GetResult(option) is { Implicit: false };
        void Refuse(Option option, string reason)
        {
            if (Given(option))
            {
                result.AddError($"{option.Name} {reason}.");
            }
        }

        if (Given(Rate))
        {
            Refuse(Streams, "has no meaning with --rate: requests arrive whether or not others have ended");
        }

        if (result.GetValue(Api) == "chat")
        {
            Refuse(Vocabulary, "has no meaning with --api chat: its messages are words");
        }

        if (result.GetValue(ScenarioName) == "arrival")
        {
            Array.ForEach([Rate, Requests, Duration, Shared], (Option option) => Refuse(option, "has no meaning with --scenario arrival"));
        }

        if (!Given(PeerUrl))
        {
            Refuse(PeerPid, "needs --peer-url");
        }

        foreach (Option<double?> option in new[] { Rate, Duration })
        {
            if (result.GetValue(option) is not (null or > 0 and < int.MaxValue))
            {
                result.AddError($"{option.Name} must be above 0.");
            }
        }

        if (Given(TimeLimit) && result.GetValue(TimeLimit) is not (> 0 and < int.MaxValue / 1000))
        {
            result.AddError($"{TimeLimit.Name} must be above 0 and below {int.MaxValue / 1000}.");
        }
    }

    private static Option<Uri> Address(string name, string description, bool required) => new(name)
    {
        Description = description,
        Required = required,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (!Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
            {
                result.AddError($"{name}: '{text}' is no address; write http://HOST:PORT.");
                return null;
            }

            return address.AbsolutePath.EndsWith("/v1/", StringComparison.Ordinal) ? new Uri(address, "..") : address;
        },
    };

    private static Option<LengthDistribution?> Length(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            try
            {
                return LengthDistribution.Parse(result.Tokens[0].Value);
            }
            catch (FormatException exception)
            {
                result.AddError($"{name}: {exception.Message}");
                return null;
            }
        },
    };

    private static int[]? ParseStreams(ArgumentResult result)
    {
        List<int> streams = [];
        foreach (string part in result.Tokens[0].Value.Split(','))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 1)
            {
                result.AddError($"--streams: '{part}' is no number of streams; write 8, or 1,4,8,16.");
                return null;
            }

            streams.Add(number);
        }

        return [.. streams];
    }

    private static Option<int?> Number(string name, string description)
    {
        Option<int?> option = new(name) { Description = description };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < 1)
            {
                result.AddError($"{name} must be at least 1.");
            }
        });
        return option;
    }
}
