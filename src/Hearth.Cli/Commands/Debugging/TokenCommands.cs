using System.CommandLine;
using System.Globalization;
using Hearth.Cli.Models;
using Hearth.Engine.Gguf;
using Hearth.Engine.Tokenization;

namespace Hearth.Cli.Commands.Debugging;

/// <summary><c>hearth debug tokenize</c> and <c>hearth debug detokenize</c>.</summary>
internal static class TokenCommands
{
    public static Command CreateTokenize(CliContext context)
    {
        Argument<string> model = ModelArgument();
        Argument<string> file = new("file") { Description = "A UTF-8 text file", HelpName = "FILE" };
        Option<string?> separator = new("--separator") { Description = "A line that separates several texts in the file", HelpName = "LINE" };
        Command command = new("tokenize", "Print the token ids of a text, a line per text. Special tokens are not recognised and none are added.") { model, file, separator };
        command.SetAction((parsed, cancellationToken) => CliErrors.RunAsync(
            async () =>
            {
                Tokenizer tokenizer = Load(context, parsed.GetValue(model)!);
                string text = await DebugCommand.ReadTextAsync(parsed.GetValue(file)!, cancellationToken);
                string[] texts = parsed.GetValue(separator) is string line ? text.Split($"\n{line}\n") : [text];
                foreach (string part in texts)
                {
                    Console.WriteLine(string.Join(' ', tokenizer.Encode(part, addSpecial: false, parseSpecial: false)));
                }

                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    public static Command CreateDetokenize(CliContext context)
    {
        Argument<string> model = ModelArgument();
        Argument<string> file = new("file") { Description = "A file of token ids separated by white space, a line per text", HelpName = "FILE" };
        Option<string?> separator = new("--separator") { Description = "A line to print between the texts of several lines", HelpName = "LINE" };
        Command command = new("detokenize", "Print the text of token ids exactly; a line per text in, the texts separated by new lines out.") { model, file, separator };
        command.SetAction((parsed, cancellationToken) => CliErrors.RunAsync(
            async () =>
            {
                Tokenizer tokenizer = Load(context, parsed.GetValue(model)!);
                string path = parsed.GetValue(file)!;
                string[] lines = (await DebugCommand.ReadTextAsync(path, cancellationToken)).TrimEnd('\n').Split('\n');
                string between = parsed.GetValue(separator) is string line ? $"\n{line}\n" : "\n";
                await using Stream output = Console.OpenStandardOutput();
                for (int i = 0; i < lines.Length; i++)
                {
                    if (i > 0)
                    {
                        await output.WriteAsync(System.Text.Encoding.UTF8.GetBytes(between), cancellationToken);
                    }

                    await output.WriteAsync(tokenizer.Decode(ReadIds(path, lines[i], tokenizer.VocabularySize), includeSpecial: true), cancellationToken);
                }

                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    /// <summary>Token ids separated by white space.</summary>
    public static int[] ReadIds(string path, string text, int vocabulary) =>
    [
        .. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(word =>
            int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int id) && id < vocabulary
                ? id
                : throw new IOException($"'{path}' holds '{(word.Length > 40 ? word[..40] + "..." : word)}'; expected token ids from 0 to {vocabulary - 1}.")),
    ];

    public static Argument<string> ModelArgument() => new("model") { Description = "The path of a GGUF file, or 'guide'", HelpName = "MODEL" };

    private static Tokenizer Load(CliContext context, string model)
    {
        using GgufFile file = new ModelResolver(context).Resolve(model).Weights.Open();
        return Tokenizer.Create(file.Metadata);
    }
}
