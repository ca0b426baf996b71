using System.CommandLine;
using Hearth.Store;
using Hearth.Store.References;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth tag</c>.</summary>
internal static class TagCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string> source = ModelArguments.Local("The model", "source");
        Argument<string> target = ModelArguments.Target("Its further name");
        Command command = new("tag", "Give a stored model one more name. Nothing is copied.") { source, target };
        command.Aliases.Add("cp");
        return command.Do(context, parsed =>
        {
            ModelStore store = context.OpenStore();
            ModelReference reference = store.ParseReference(parsed.GetValue(target)!);
            store.Tag(store.Get(parsed.GetValue(source)!), reference);
            context.Output.WriteLine($"Tagged {TerminalText.Printable(parsed.GetValue(source)!)} as {TerminalText.Printable(reference.Display)}");
            return ExitCode.Success;
        });
    }
}
