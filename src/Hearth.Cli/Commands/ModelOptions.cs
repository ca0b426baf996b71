using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Hearth.Engine.Scheduling;
using Hearth.Server;

namespace Hearth.Cli.Commands;

/// <summary>The options of every command that loads a model.</summary>
internal sealed class ModelOptions
{
    private readonly Option<int?> _context = new("--ctx-size", "-c")
    {
        Description = "Tokens of context, prompt and answer together [default: the model's own, as far as memory allows]",
        HelpName = "N",
    };

    private readonly Option<int> _threads = new("--threads", "-t") { Description = "Threads that compute, at most one per logical core [default: one per physical core]", HelpName = "N" };

    public ModelOptions()
    {
        _context.Validators.Add(result => Require(result, minimum: 1, maximum: int.MaxValue));
        _threads.Validators.Add(result => Require(result, minimum: 1, maximum: 1024));
    }

    public void AddTo(Command command)
    {
        command.Options.Add(_context);
        command.Options.Add(_threads);
    }

    /// <summary>Loads the model that the user named.</summary>
    public LanguageModel Load(ParseResult parsed, string model) => LanguageModel.Load(
        BuiltInModels.Resolve(model),
        new LanguageModelOptions { ContextLength = parsed.GetValue(_context), Threads = Math.Min(parsed.GetValue(_threads), Environment.ProcessorCount) });

    /// <summary>Refuses numbers outside of a range, naming it.</summary>
    public static void Require(OptionResult result, int minimum, int maximum)
    {
        foreach (Token token in result.Tokens)
        {
            if (int.TryParse(token.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && (value < minimum || value > maximum))
            {
                result.AddError($"'{result.Option.Name}' must be {(maximum == int.MaxValue ? $"at least {minimum}" : $"{minimum} to {maximum}")}, not {value}.");
            }
        }
    }
}
