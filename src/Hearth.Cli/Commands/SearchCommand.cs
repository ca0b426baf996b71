using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Hearth.Cli.Models;
using Hearth.Store.Registries;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth search</c>.</summary>
internal static class SearchCommand
{
    private static readonly string[] s_sources = ["all", "dockerhub", "huggingface"];

    public static Command Create(CliContext context)
    {
        Argument<string[]> term = new("term") { Description = "What to search for [default: what is fetched most]", HelpName = "TERM", Arity = ArgumentArity.ZeroOrMore };
        Option<int> limit = new("--limit", "-n") { Description = "Models to print at most", HelpName = "N", DefaultValueFactory = _ => 32 };
        Option<string> source = new("--source") { Description = "Where to search", HelpName = string.Join('|', s_sources), DefaultValueFactory = _ => s_sources[0] };
        Option<bool> json = ModelArguments.Json("Print a list in JSON instead of a table");
        limit.Validators.Add(result => ModelOptions.Require(result, minimum: 1, maximum: ModelSearch.MaxLimit));
        source.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && SourceOf(token.Value) is null)
            {
                result.AddError($"'--source' must be one of {string.Join(", ", s_sources)}, not '{token.Value}'.");
            }
        });
        Command command = new("search", "Search Docker Hub and Hugging Face for models to pull.") { term, limit, source, json };
        return command.Do(context, async (parsed, cancellationToken) =>
        {
            string words = string.Join(' ', parsed.GetValue(term) ?? []);
            ModelSearchResult result = await ModelSearch.SearchAsync(
                words, SourceOf(parsed.GetValue(source)!)!.Value, parsed.GetValue(limit), context.OpenStore().Options.Registries, cancellationToken);
            foreach (string warning in result.Warnings)
            {
                context.Note(warning);
            }

            IReadOnlyList<FoundModel> found = result.Models;
            if (parsed.GetValue(json))
            {
                context.Output.WriteLine(JsonSerializer.Serialize(found, ModelJson.Plain.IReadOnlyListFoundModel));
            }
            else if (found.Count == 0)
            {
                context.Error.WriteLine(words.Length == 0 ? "No models found." : $"No models found for '{TerminalText.Printable(words)}'.");
            }
            else
            {
                Write(context, found);
            }

            return ExitCode.Success;
        });
    }

    private static void Write(CliContext context, IReadOnlyList<FoundModel> found)
    {
        TextTable table = new("NAME", "DESCRIPTION", "DOWNLOADS", "STARS", "SOURCE") { Shrinkable = [0, 1] };
        foreach (FoundModel model in found)
        {
            table.Add(
                model.Name, model.Description, model.Downloads.ToString(CultureInfo.InvariantCulture), model.Stars.ToString(CultureInfo.InvariantCulture), model.Source);
        }

        table.Write(context);
    }

    private static SearchSource? SourceOf(string text) => text switch
    {
        "all" => SearchSource.All,
        "dockerhub" or "docker" or "hub" => SearchSource.DockerHub,
        "huggingface" or "hf" => SearchSource.HuggingFace,
        _ => null,
    };
}
