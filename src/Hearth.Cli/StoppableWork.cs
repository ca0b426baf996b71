using System.Runtime.InteropServices;

namespace Hearth.Cli;

/// <summary>Work that writes files: signals that would end the process cancel it instead, so that nothing half-written stays.</summary>
internal static class StoppableWork
{
    /// <summary>Runs a command's work; a failure or a signal becomes an exit code.</summary>
    public static async Task<int> RunAsync(Func<CancellationToken, int> work, CancellationToken cancellationToken)
    {
        using CancellationTokenSource stopped = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stopped.Cancel();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        return await CliErrors.RunAsync(() => Task.FromResult(work(stopped.Token)), stopped.Token);
    }
}
