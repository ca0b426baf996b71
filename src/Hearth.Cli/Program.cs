using System.CommandLine;
using System.Text;
using Hearth.Cli;
using Hearth.Cli.Commands;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
RootCommand root = HearthCommand.Create(args.FirstOrDefault());
ParseResult parsed = root.Parse(args);
if (parsed.Tokens.Count == 0)
{
    parsed = root.Parse("--help");
}

if (parsed.Errors.Count > 0)
{
    foreach (string error in HearthCommand.ErrorsOf(parsed))
    {
        await Console.Error.WriteLineAsync($"hearth: {error}");
    }

    await Console.Error.WriteLineAsync($"Try 'hearth {string.Join(' ', HearthCommand.PathOf(parsed))}--help'.");
    return ExitCode.Usage;
}

// Signals are handled where they mean something: in a chat, Ctrl-C stops the answer and not the program.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
