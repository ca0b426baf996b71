using System.CommandLine;
using System.Runtime.InteropServices;
using Hearth.Cli.Models;
using Hearth.Engine.Scheduling;
using Hearth.Kernels.Attention;

namespace Hearth.Cli.Commands.Debugging;

/// <summary><c>hearth debug logits</c>.</summary>
internal static class LogitsCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string> model = TokenCommands.ModelArgument();
        Option<string> ids = new("--ids") { Description = "A file of token ids separated by white space", Required = true, HelpName = "FILE" };
        Option<string> output = new("--out") { Description = "Receives little-endian float32 logits, a row per token", Required = true, HelpName = "FILE" };
        Command command = new("logits", "Write the logits after each of some tokens, with a cache of 32-bit floats.") { model, ids, output };
        command.SetAction((parsed, cancellationToken) => CliErrors.RunAsync(
            async () =>
            {
                using LogitScorer scorer = LogitScorer.Load(new ModelResolver(context).Resolve(parsed.GetValue(model)!).Weights.First, new LanguageModelOptions { CacheType = KvElementType.F32 });
                string path = parsed.GetValue(ids)!;
                int[] tokens = TokenCommands.ReadIds(path, await DebugCommand.ReadTextAsync(path, cancellationToken), scorer.Config.VocabularySize);
                await using FileStream file = File.Create(parsed.GetValue(output)!);
                scorer.Score(tokens, row => file.Write(MemoryMarshal.AsBytes(row)), cancellationToken);
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }
}
