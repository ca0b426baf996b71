using System.Runtime.InteropServices;

namespace Hearth.Cli.Chat;

/// <summary>One question, one answer.</summary>
internal static class OneShot
{
    public static async Task<int> RunAsync(ChatSession session, string prompt, CancellationToken cancellationToken)
    {
        using CancellationTokenSource interrupted = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using PosixSignalRegistration registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            interrupted.Cancel();
        });
        Notices.WriteMissingTemplate(session);
        try
        {
            await new AnswerPrinter(session).AskAsync(prompt, interrupted.Token);
            return ExitCode.Success;
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }
}
