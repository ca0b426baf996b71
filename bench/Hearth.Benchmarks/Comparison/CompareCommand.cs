using System.CommandLine;
using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Nodes;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Scheduling;

namespace Hearth.Benchmarks.Comparison;

/// <summary><c>compare</c>: Hearth and a peer on the same file, in turns, so that both meet the same state of the machine.</summary>
internal sealed class CompareCommand
{
    private readonly Option<string> _model = new("--model") { Description = "The GGUF file.", Required = true };
    private readonly Option<string?> _peer = new("--peer") { Description = "The path of llama.cpp's llama-bench; without it Hearth is measured alone." };
    private readonly Option<int> _threads = Number("--threads", "Threads of both.", Environment.ProcessorCount, minimum: 1);
    private readonly Option<int> _rounds = Number("--rounds", "Measurements of each.", 5, minimum: 1);
    private readonly Option<int> _prompt = Number("--prompt", "Tokens of the prompt; 0 for none.", 512, minimum: 0);
    private readonly Option<int> _generate = Number("--generate", "Tokens of the answer; 0 for none.", 64, minimum: 0);
    private readonly Option<int> _depth = Number("--depth", "Tokens that are in the cache before.", 0, minimum: 0);
    private readonly Option<string> _attention = new("--flash-attention")
    {
        Description = "The peer's -fa; with both, it is measured with each, and the faster median counts.",
        DefaultValueFactory = _ => "both",
    };

    private readonly Option<bool> _load = new("--load") { Description = "Measure the time from start to first token instead, whole processes." };
    private readonly Option<string?> _hearth = new("--hearth") { Description = "With --load: the hearth program, or its .dll. [default: the one that was built]" };
    private readonly Option<string?> _peerCli = new("--peer-cli")
    {
        Description = "With --load: the path of llama.cpp's program that completes a prompt, instead of its llama-bench.",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print the result as JSON in one last line, too." };

    public static Command Create()
    {
        CompareCommand compare = new();
        compare._attention.AcceptOnlyFromAmong("0", "1", "both");
        Command command = new("compare", "Measure prefill and decode, or loading, beside llama.cpp.")
        {
            compare._model, compare._peer, compare._threads, compare._rounds, compare._prompt, compare._generate, compare._depth,
            compare._attention, compare._load, compare._hearth, compare._peerCli, compare._json,
        };
        command.Validators.Add(compare.Check);
        command.SetAction(compare.RunAsync);
        return command;
    }

    private void Check(System.CommandLine.Parsing.CommandResult result)
    {
        bool load = result.GetValue(_load);
        if (load && new Option[] { _prompt, _generate, _depth, _attention }.FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } rate)
        {
            result.AddError($"{rate.Name} has no meaning with --load.");
        }
        else if (!load && new Option[] { _hearth, _peerCli }.FirstOrDefault(option => result.GetResult(option) is not null) is { } loading)
        {
            result.AddError($"{loading.Name} needs --load.");
        }
        else if (load && result.GetValue(_peer) is not null && result.GetValue(_peerCli) is not null)
        {
            result.AddError("--peer and --peer-cli are two programs for one place; give one.");
        }
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        ComparisonTask task = new(
            parsed.GetRequiredValue(_model),
            parsed.GetValue(_threads),
            parsed.GetValue(_rounds),
            parsed.GetValue(_prompt),
            parsed.GetValue(_generate),
            parsed.GetValue(_depth));
        if (task.PromptTokens + task.GeneratedTokens == 0)
        {
            await Console.Error.WriteLineAsync("There is nothing to measure: give --prompt or --generate a number above 0.");
            return 1;
        }

        WarnOfOtherLoad();
        try
        {
            JsonObject result = parsed.GetValue(_load)
                ? await CompareLoadAsync(parsed, task, cancellationToken)
                : await CompareRatesAsync(parsed, task, cancellationToken);
            if (parsed.GetValue(_json))
            {
                Console.WriteLine(result.ToJsonString());
            }

            return 0;
        }
        catch (Exception exception) when (exception is GgufException or ModelException or ContextMemoryException or InvalidOperationException or Win32Exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    private async Task<JsonObject> CompareRatesAsync(ParseResult parsed, ComparisonTask task, CancellationToken cancellationToken)
    {
        PeerEngine? peer = parsed.GetValue(_peer) is string program ? new PeerEngine(program, task) : null;
        FlashAttention[] attentions = parsed.GetValue(_attention) switch
        {
            "0" => [FlashAttention.Off],
            "1" => [FlashAttention.On],
            _ => [FlashAttention.Off, FlashAttention.On],
        };
        RateReport report = await new RateRounds(task, peer, attentions).RunAsync(cancellationToken);
        if (peer is not null)
        {
            Console.WriteLine(report.Line());
        }

        return report.ToJson();
    }

    private Task<JsonObject> CompareLoadAsync(ParseResult parsed, ComparisonTask task, CancellationToken cancellationToken)
    {
        FirstTokenProcess own = LoadRounds.Own(parsed.GetValue(_hearth) ?? HearthProgram.Find(), task);
        FirstTokenProcess? peer = parsed.GetValue(_peerCli) is string cli ? LoadRounds.PeerCli(cli, task)
            : parsed.GetValue(_peer) is string bench ? LoadRounds.PeerBench(bench, task)
            : null;
        return new LoadRounds(task, own, peer).RunAsync(cancellationToken);
    }

    private static Option<int> Number(string name, string description, int value, int minimum)
    {
        Option<int> option = new(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < minimum)
            {
                result.AddError($"{name} must be at least {minimum}.");
            }
        });
        return option;
    }

    /// <summary>Both engines wait for their threads in loops: beside other work the numbers say nothing.</summary>
    private static void WarnOfOtherLoad()
    {
        const string LoadAverage = "/proc/loadavg";
        const double Quiet = 0.5;
        if (File.Exists(LoadAverage)
            && double.TryParse(File.ReadAllText(LoadAverage).Split(' ')[0], CultureInfo.InvariantCulture, out double load)
            && load > Quiet)
        {
            Console.WriteLine($"The machine's load average is {load:F1}: stop what else runs on it, or do not believe the numbers.");
        }
    }
}
