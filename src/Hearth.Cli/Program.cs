using System.CommandLine;
using System.Text;
using Hearth.Cli;
using Hearth.Cli.Commands;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
RootCommand root = HearthCommand.Create();
ParseResult parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (System.CommandLine.Parsing.ParseError error in parsed.Errors)
    {
        await Console.Error.WriteLineAsync($"hearth: {error.Message}");
    }

    await Console.Error.WriteLineAsync($"Try 'hearth {string.Join(' ', HearthCommand.PathOf(parsed))}--help'.");
    return ExitCode.Usage;
}

// Signals are handled where they mean something: in a chat, Ctrl-C stops the answer and not the program.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
