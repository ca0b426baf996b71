using System.Text;
using Hearth.Cli;
using Hearth.Cli.Commands;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
return await HearthCommand.RunAsync(args, new CliContext());
