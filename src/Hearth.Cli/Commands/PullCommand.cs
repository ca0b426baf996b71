using System.CommandLine;
using Hearth.Cli.Models;
using Hearth.Store;
using Hearth.Store.Transfer;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth pull</c>.</summary>
internal static class PullCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string> model = ModelArguments.Remote("The model to get");
        Option<bool> insecure = ModelArguments.Insecure();
        Command command = new("pull", "Get a model from a registry, from Hugging Face or from Ollama's registry. What is here already is not fetched again.") { model, insecure };
        return command.DoStoppable(context, async (parsed, cancellationToken) =>
        {
            ModelStore store = context.OpenStore();
            TransferOptions options = new() { Insecure = parsed.GetValue(insecure) };
            long start = context.Time.GetTimestamp();
            PullResult result = await new ModelResolver(context).PullAsync(store, store.ParseReference(parsed.GetValue(model)!), options, cancellationToken);
            string name = TerminalText.Printable(parsed.GetValue(model)!);
            context.Output.WriteLine(result.WasCached
                ? $"Already up to date: {name} ({result.Model.Id.Abbreviated}, {HumanText.Size(result.Model.Size)})"
                : $"Pulled {name}: {result.Model.Id.Abbreviated}, {HumanText.Size(result.Model.Size)}, "
                    + $"of which {HumanText.Size(result.DownloadedBytes)} came in {HumanText.Duration(context.Time.GetElapsedTime(start))}");
            return ExitCode.Success;
        });
    }
}
