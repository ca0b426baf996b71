using System.CommandLine;
using System.Globalization;
using Hearth.Cli.Models;
using Hearth.Cli.Progress;
using Hearth.Store;
using Hearth.Store.Manifests;
using Hearth.Store.Packaging;
using Hearth.Store.References;
using Hearth.Store.Storage;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth package</c>.</summary>
internal sealed class PackageCommand(CliContext context)
{
    private const string EpochVariable = "SOURCE_DATE_EPOCH";
    private static readonly string[] s_formats = ["docker", "cncf"];
    private readonly Argument<string> _target = ModelArguments.Target("The model's name");
    private readonly Option<string?> _gguf = new("--gguf") { Description = "The weights: a GGUF file, or the first part of a split one", HelpName = "FILE" };
    private readonly Option<string?> _from = new("--from") { Description = "A stored model, to be given another context", HelpName = ModelArguments.Stored };
    private readonly Option<string?> _projector = new("--mmproj") { Description = "A projector for images, a GGUF file", HelpName = "FILE" };
    private readonly Option<string[]> _adapters = Files("--lora", null, "A LoRA adapter, a GGUF file; may be given several times");
    private readonly Option<string?> _template = new("--chat-template") { Description = "A Jinja chat template to use instead of the weights'", HelpName = "FILE" };
    private readonly Option<string[]> _licenses = Files("--license", "-l", "A licence; may be given several times");
    private readonly Option<int?> _contextSize = new("--context-size") { Description = "Tokens of context to run it with", HelpName = "N" };
    private readonly Option<string> _format = new("--format")
    {
        Description = "Whose format to write: Docker's, or the CNCF's ModelPack",
        HelpName = string.Join('|', s_formats),
        DefaultValueFactory = _ => s_formats[0],
    };

    private readonly Option<bool> _push = new("--push") { Description = "Put it into the registry that its name begins with, too" };
    private readonly Option<bool> _link = new("--link") { Description = "Leave the files where they are and only point to them" };
    private readonly Option<bool> _insecure = ModelArguments.Insecure();

    public static Command Create(CliContext context) => new PackageCommand(context).Build();

    private Command Build()
    {
        _contextSize.Validators.Add(result => ModelOptions.Require(result, minimum: 1, maximum: int.MaxValue));
        _format.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !s_formats.Contains(token.Value))
            {
                result.AddError($"'--format' must be {string.Join(" or ", s_formats)}, not '{token.Value}'.");
            }
        });
        Command command = new("package", $"Make a model of files, for the store and registries. The same files give the same ID; ${EpochVariable} sets when it was made.")
        {
            _target, _gguf, _from, _projector, _adapters, _template, _licenses, _contextSize, _format, _push, _link, _insecure,
        };
        return command.DoStoppable(context, RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        ModelStore store = context.OpenStore();
        ModelReference reference = store.ParseReference(parsed.GetValue(_target)!);
        StoredModel model = (parsed.GetValue(_gguf), parsed.GetValue(_from)) switch
        {
            (string gguf, null) => await store.PackageAsync(Request(parsed, gguf), reference, Steps(), cancellationToken),
            (null, string from) => Repackage(parsed, store, from, reference),
            (null, null) => throw new CliUsageException("Say what to package: --gguf FILE, or --from MODEL."),
            _ => throw new CliUsageException("--gguf and --from exclude each other."),
        };
        context.Output.WriteLine($"Packaged {TerminalText.Printable(reference.Display)}: {model.Id}, {HumanText.Size(model.Size)}");
        if (parsed.GetValue(_push))
        {
            await ModelPusher.PushAsync(context, store, model, reference, parsed.GetValue(_insecure), cancellationToken);
        }

        return ExitCode.Success;
    }

    private PackageRequest Request(ParseResult parsed, string gguf) => new()
    {
        Gguf = gguf,
        Projector = parsed.GetValue(_projector),
        Adapters = parsed.GetValue(_adapters) ?? [],
        ChatTemplate = parsed.GetValue(_template),
        Licenses = parsed.GetValue(_licenses) ?? [],
        ContextSize = parsed.GetValue(_contextSize),
        Format = parsed.GetValue(_format) == "cncf" ? PackageFormat.Cncf : PackageFormat.Docker,
        Created = Epoch(),
        Link = parsed.GetValue(_link),
    };

    private StoredModel Repackage(ParseResult parsed, ModelStore store, string from, ModelReference target)
    {
        Option[] others = [_projector, _adapters, _template, _licenses, _format, _link];
        return others.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } other
            ? throw new CliUsageException($"{other.Name} is for --gguf; with --from, --context-size is all that can be changed.")
            : parsed.GetValue(_contextSize) is int contextSize ? store.Repackage(store.Get(from), target, contextSize)
            : throw new CliUsageException("Say what is to be changed: --from goes with --context-size.");
    }

    private DateTimeOffset? Epoch() => context.Variable(EpochVariable) switch
    {
        null => null,
        string text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() =>
            DateTimeOffset.FromUnixTimeSeconds(seconds),
        string text => throw new CliUsageException($"{EpochVariable} is '{text}'; expected seconds since 1970."),
    };

    private InlineProgress<string> Steps() => new(step => context.Error.WriteLine(TerminalText.Printable(step)));

    private static Option<string[]> Files(string name, string? alias, string description) => new(name, alias is null ? [] : [alias])
    {
        Description = description,
        HelpName = "FILE",
        AllowMultipleArgumentsPerToken = false,
    };
}
