using System.Runtime.InteropServices;
using System.Text;
using Hearth.Cli.Commands;
using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Templates;

namespace Hearth.Cli.Chat;

/// <summary>A chat in a terminal.</summary>
internal sealed class InteractiveChat(ChatSession session)
{
    private const string Prompt = ">>> ";
    private const string ContinuationPrompt = "... ";
    private const string MultiLineMark = "\"\"\"";
    private readonly LineEditor _editor = new();
    private readonly ChatCommands _commands = new(session);

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        Notices.WriteMissingTemplate(session);
        Console.WriteLine($"Hearth {VersionCommand.Version}, {TerminalText.Printable(session.Model.Name ?? Path.GetFileNameWithoutExtension(session.Model.Path))}, {session.Model.ContextLength} tokens of context. /? for help, /bye to leave.");
        while (ReadMessage() is string message)
        {
            if (message.StartsWith('/'))
            {
                if (!_commands.Run(message))
                {
                    break;
                }
            }
            else if (!string.IsNullOrWhiteSpace(message))
            {
                await AnswerAsync(message, cancellationToken);
            }
        }

        return ExitCode.Success;
    }

    /// <summary>Answers one message; Ctrl-C stops the answer and not the program, and a failure leaves the chat going.</summary>
    private async Task AnswerAsync(string message, CancellationToken cancellationToken)
    {
        using CancellationTokenSource interrupted = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using PosixSignalRegistration registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            interrupted.Cancel();
        });
        try
        {
            await new AnswerPrinter(session).AskAsync(message, interrupted.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Console.Error.WriteLine("(stopped)");
        }
        catch (Exception exception) when (exception is ContextLengthException or TemplateException or SamplingOptionException or InvalidLogitsException or ArgumentException)
        {
            Console.Error.WriteLine($"hearth: {TerminalText.Printable(exception.Message)}");
            if (exception is ContextLengthException)
            {
                Console.Error.WriteLine("/clear starts the conversation anew.");
            }
        }
    }

    /// <summary>The next message, of one line or between marks of three quotes; null at the end of the chat.</summary>
    private string? ReadMessage()
    {
        (LineEnd end, string line) = _editor.Read(Prompt);
        switch (end)
        {
            case LineEnd.EndOfInput:
                return null;
            case LineEnd.Interrupted:
                Console.WriteLine("Use Ctrl-D or /bye to leave.");
                return string.Empty;
        }

        string trimmed = line.Trim();
        if (!trimmed.StartsWith(MultiLineMark, StringComparison.Ordinal))
        {
            return trimmed;
        }

        string first = trimmed[MultiLineMark.Length..];
        return first.EndsWith(MultiLineMark, StringComparison.Ordinal) ? first[..^MultiLineMark.Length] : ReadMore(first);
    }

    private string? ReadMore(string first)
    {
        StringBuilder message = new(first);
        while (true)
        {
            (LineEnd end, string line) = _editor.Read(ContinuationPrompt);
            if (end == LineEnd.Interrupted)
            {
                return string.Empty;
            }

            if (end == LineEnd.EndOfInput)
            {
                return null;
            }

            bool isLast = line.TrimEnd().EndsWith(MultiLineMark, StringComparison.Ordinal);
            string text = isLast ? line.TrimEnd()[..^MultiLineMark.Length] : line;
            if (message.Length > 0 && (text.Length > 0 || !isLast))
            {
                message.Append('\n');
            }

            message.Append(text);
            if (isLast)
            {
                return message.ToString();
            }
        }
    }
}
