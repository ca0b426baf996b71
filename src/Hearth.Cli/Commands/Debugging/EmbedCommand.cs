using System.CommandLine;
using System.Runtime.InteropServices;
using Hearth.Cli.Models;
using Hearth.Engine.Embedding;
using Hearth.Engine.Scheduling;
using Hearth.Kernels.Attention;

namespace Hearth.Cli.Commands.Debugging;

/// <summary><c>hearth debug embed</c>.</summary>
internal static class EmbedCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string> model = TokenCommands.ModelArgument();
        Option<string> ids = new("--ids") { Description = "A file of token ids separated by white space", Required = true, HelpName = "FILE" };
        Option<string?> pooling = new("--pooling") { Description = "How token states become one vector (none: a vector per token) [default: the model's own]", HelpName = "none|mean|cls|last|rank" };
        pooling.AcceptOnlyFromAmong("none", "mean", "cls", "last", "rank");
        Option<string> output = new("--out") { Description = "Receives little-endian float32 values, not normalised", Required = true, HelpName = "FILE" };
        Command command = new("embed", "Write the embedding of some tokens.") { model, ids, pooling, output };
        command.SetAction((parsed, cancellationToken) => CliErrors.RunAsync(
            async () =>
            {
                using EmbeddingModel embedder = EmbeddingModel.Load(new ModelResolver(context).Resolve(parsed.GetValue(model)!).Weights, new LanguageModelOptions { CacheType = KvElementType.F32 });
                string path = parsed.GetValue(ids)!;
                int[] tokens = TokenCommands.ReadIds(path, await DebugCommand.ReadTextAsync(path, cancellationToken), embedder.Config.VocabularySize);
                IReadOnlyList<float[]> vectors = await embedder.EmbedAsync([tokens], KindOf(parsed.GetValue(pooling)), cancellationToken: cancellationToken);
                await File.WriteAllBytesAsync(parsed.GetValue(output)!, MemoryMarshal.AsBytes(vectors[0].AsSpan()).ToArray(), cancellationToken);
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static PoolingKind? KindOf(string? name) => name is null ? null : Enum.Parse<PoolingKind>(name, ignoreCase: true);
}
