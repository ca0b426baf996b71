using System.CommandLine;

namespace Hearth.Cli;

/// <summary>How commands are run.</summary>
internal static class CommandExtensions
{
    /// <summary>Lets a command do something that is over in a moment.</summary>
    public static Command Do(this Command command, CliContext context, Func<ParseResult, CancellationToken, Task<int>> work)
    {
        command.SetAction((parsed, cancellationToken) => CliErrors.RunAsync(() => work(parsed, cancellationToken), context.Error, cancellationToken));
        return command;
    }

    /// <summary>Lets a command do something that is over in a moment.</summary>
    public static Command Do(this Command command, CliContext context, Func<ParseResult, int> work) =>
        command.Do(context, (parsed, _) => Task.FromResult(work(parsed)));

    /// <summary>Lets a command do something that signals cancel, so that it ends in order.</summary>
    public static Command DoStoppable(this Command command, CliContext context, Func<ParseResult, CancellationToken, Task<int>> work)
    {
        command.SetAction((parsed, cancellationToken) => StoppableWork.RunAsync(stop => work(parsed, stop), context.Error, cancellationToken));
        return command;
    }
}
