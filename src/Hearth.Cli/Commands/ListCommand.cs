using System.CommandLine;
using System.Text.Json;
using Hearth.Cli.Models;
using Hearth.Store;
using Hearth.Store.Importing;
using Hearth.Store.Storage;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth list</c>.</summary>
internal sealed class ListCommand(CliContext context)
{
    private const string OwnSource = "Hearth";
    private const string Unknown = "-";
    private readonly Argument<string?> _name = new("name") { Description = "Only models whose names or IDs begin with this", HelpName = "NAME", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _json = new("--json") { Description = "Print a list in JSON instead of a table" };
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "Print IDs only" };
    private readonly Option<bool> _all = new("--all", "-a") { Description = "List models that other programs have on this machine, too" };
    private readonly Option<bool> _digests = new("--digests") { Description = "Print whole IDs" };

    public static Command Create(CliContext context) => new ListCommand(context).Build();

    private Command Build()
    {
        Command command = new("list", "List the models that are stored here.") { _name, _json, _quiet, _all, _digests };
        command.Aliases.Add("ls");
        return command.Do(context, Run);
    }

    private int Run(ParseResult parsed)
    {
        bool json = parsed.GetValue(_json), quiet = parsed.GetValue(_quiet), all = parsed.GetValue(_all);
        if (json && quiet)
        {
            throw new CliUsageException("--json and --quiet exclude each other.");
        }

        string name = parsed.GetValue(_name) ?? string.Empty;
        List<StoredModel> models = [.. context.OpenStore().List().Where(model => name.Length == 0 || ModelList.Matches(model, name))];
        List<ForeignModel> foreign = all && !quiet ? [.. ModelStore.FindForeign().Where(model => ModelList.Matches(model.Reference, name))] : [];
        if (json)
        {
            IReadOnlyList<ModelEntry> entries = [.. models.Select(ModelEntry.Of), .. foreign.Select(ModelEntry.Of)];
            context.Output.WriteLine(JsonSerializer.Serialize(entries, ModelJson.Plain.IReadOnlyListModelEntry));
        }
        else if (quiet)
        {
            context.Output.Write(string.Concat(models.Select(model => IdOf(model, parsed) + '\n')));
        }
        else
        {
            WriteTable(parsed, models, foreign, all);
        }

        return ExitCode.Success;
    }

    private string IdOf(StoredModel model, ParseResult parsed) => parsed.GetValue(_digests) ? model.Id.ToString() : model.Id.Abbreviated;

    private void WriteTable(ParseResult parsed, List<StoredModel> models, List<ForeignModel> foreign, bool all)
    {
        string[] headers = ["MODEL NAME", "PARAMETERS", "QUANTIZATION", "ARCHITECTURE", "MODEL ID", "CREATED", "CONTEXT", "SIZE"];
        TextTable table = new(all ? [.. headers, "SOURCE"] : headers);
        DateTimeOffset now = context.Time.GetUtcNow();
        List<Row> rows = [.. models.SelectMany(Row.Of)];
        rows.Sort();
        foreach ((string name, StoredModel model) in rows)
        {
            string[] cells =
            [
                name,
                model.Facts.Parameters ?? Unknown,
                model.Facts.Quantization ?? Unknown,
                model.Facts.Architecture ?? Unknown,
                IdOf(model, parsed),
                HumanText.Ago(model.Facts.Created ?? model.Updated, now),
                (model.Facts.ContextSize ?? model.Facts.TrainedContext) is long context ? HumanText.Tokens(context) : Unknown,
                HumanText.Size(model.Size),
            ];
            table.Add(all ? [.. cells, OwnSource] : cells);
        }

        foreach (ForeignModel model in foreign)
        {
            table.Add(
                model.Reference.Display, Unknown, Unknown, Unknown, Unknown,
                HumanText.Ago(model.Updated, now), Unknown, HumanText.Size(model.Size), ModelList.NameOf(model.Source));
        }

        table.Write(context);
    }

    /// <summary>A name of a model, and the model.</summary>
    private sealed record Row(string Name, StoredModel Model) : IComparable<Row>
    {
        public static IEnumerable<Row> Of(StoredModel model) => model.References.Count == 0
            ? [new Row("<none>", model)]
            : model.References.Select(reference => new Row(reference.Display, model));

        // By name without regard to case, what has a tag after what has none; models without a name last.
        public int CompareTo(Row? other)
        {
            int order = (Model.References.Count == 0 ? 1 : 0) - (other!.Model.References.Count == 0 ? 1 : 0);
            order = order != 0 ? order : Untagged.CompareTo(other.Untagged, StringComparison.OrdinalIgnoreCase);
            return order != 0 ? order : string.Compare(Name, other.Name, StringComparison.OrdinalIgnoreCase);
        }

        private ReadOnlySpan<char> Untagged => Name.AsSpan(0, Name.IndexOf(':', Name.LastIndexOf('/') + 1) is > 0 and int colon ? colon : Name.Length);
    }
}
