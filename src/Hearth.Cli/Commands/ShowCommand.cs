using System.CommandLine;
using System.Globalization;
using Hearth.Server.Models;
using Hearth.Store;
using Hearth.Store.Manifests;
using Hearth.Store.Storage;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth show</c>.</summary>
internal sealed class ShowCommand(CliContext context)
{
    private const int ShownLicenseLines = 2;
    private readonly Argument<string> _model = ModelArguments.Local("The model");
    private readonly Option<bool> _license = new("--license") { Description = "Print its licences only" };
    private readonly Option<bool> _modelfile = new("--modelfile") { Description = "Print a Modelfile that makes the same model" };
    private readonly Option<bool> _parameters = new("--parameters") { Description = "Print its parameters only" };
    private readonly Option<bool> _template = new("--template") { Description = "Print its chat template only" };
    private readonly Option<bool> _system = new("--system") { Description = "Print its instructions only" };

    public static Command Create(CliContext context) => new ShowCommand(context).Build();

    private Command Build()
    {
        Command command = new("show", "Print what a stored model is, and what was packaged with it.") { _model, _license, _modelfile, _parameters, _template, _system };
        return command.Do(context, Run);
    }

    private int Run(ParseResult parsed)
    {
        (bool Chosen, Func<StoredModel, ModelContent, string> Text)[] parts =
        [
            (parsed.GetValue(_license), (_, content) => string.Join("\n\n", content.Licenses)),
            (parsed.GetValue(_modelfile), (model, content) => PackagedModelfile.Of(model, content).ToString()),
            (parsed.GetValue(_parameters), (_, content) => string.Join('\n', Parameters(content).Select(parameter => $"{parameter.Name,-30} {parameter.Value}"))),
            (parsed.GetValue(_template), (_, content) => content.Template?.Text ?? string.Empty),
            (parsed.GetValue(_system), (_, content) => content.System ?? string.Empty),
        ];
        if (parts.Count(part => part.Chosen) > 1)
        {
            throw new CliUsageException("Give one of --license, --modelfile, --parameters, --system and --template, not several.");
        }

        ModelStore store = context.OpenStore();
        StoredModel model = store.Get(parsed.GetValue(_model)!);
        ModelContent content = store.Open(model);
        string text = parts.FirstOrDefault(part => part.Chosen).Text?.Invoke(model, content) ?? Describe(model, content);
        context.Output.WriteLine(TerminalText.PrintableLines(text.TrimEnd('\n')));
        return ExitCode.Success;
    }

    private string Describe(StoredModel model, ModelContent content)
    {
        ModelFacts facts = model.Facts;
        DateTimeOffset created = facts.Created ?? model.Updated;
        (string Name, string? Value)[] rows =
        [
            ("Model", model.Id.ToString()),
            ("Tags", string.Join(", ", model.References.Select(reference => reference.Display))),
            ("Created", $"{created.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC ({HumanText.Ago(created, context.Time.GetUtcNow())})"),
            ("Package", NameOf(facts.Package)),
            ("Format", facts.Format),
            ("Architecture", facts.Architecture),
            ("Parameters", facts.Parameters),
            ("Quantization", facts.Quantization),
            ("Size", HumanText.Size(model.Size)),
            ("Context Size", facts.ContextSize?.ToString(CultureInfo.InvariantCulture)),
            ("Trained Context", facts.TrainedContext?.ToString(CultureInfo.InvariantCulture)),
            ("Weights", string.Join(", ", content.Weights)),
            ("Projector", content.Projector),
            ("Adapters", string.Join(", ", content.Adapters)),
            ("Template", content.Template is { } template ? $"{template.Language}, {template.Text.Length} characters" : null),
            ("System", content.System is { } system ? FirstLines(system) : null),
            ("License", content.Licenses is [string license, ..] ? FirstLines(license) : null),
        ];
        IEnumerable<string> lines = rows.Where(row => !string.IsNullOrEmpty(row.Value)).Select(row => $"{row.Name,-18}{TerminalText.Printable(row.Value!)}");
        IEnumerable<string> parameters = Parameters(content).Select(parameter => $"{"Parameter",-18}{parameter.Name} {TerminalText.Printable(parameter.Value)}");
        return string.Join('\n', lines.Concat(parameters));
    }

    private static string NameOf(PackageFormat format) => format switch
    {
        PackageFormat.Docker => "Docker",
        PackageFormat.Cncf => "CNCF ModelPack",
        _ => "Ollama",
    };

    private static string FirstLines(string text)
    {
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Join(' ', lines.Take(ShownLicenseLines)) + (lines.Length > ShownLicenseLines ? " ..." : string.Empty);
    }

    private static IEnumerable<(string Name, string Value)> Parameters(ModelContent content) =>
        PackagedModelfile.ParametersOf(content.Parameters).Select(parameter => (parameter.Key, parameter.Value));
}
