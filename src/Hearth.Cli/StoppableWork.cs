using System.Runtime.InteropServices;

namespace Hearth.Cli;

/// <summary>Work that writes files: signals that would end the process cancel it instead, so that nothing half-written stays.</summary>
internal static class StoppableWork
{
    /// <summary>Runs a command's work; a failure or a signal becomes an exit code.</summary>
    public static Task<int> RunAsync(Func<CancellationToken, int> work, CancellationToken cancellationToken) =>
        RunAsync(stop => Task.FromResult(work(stop)), Console.Error, cancellationToken);

    /// <summary>Runs a command's work; a failure or a signal becomes an exit code.</summary>
    /// <param name="work">The work.</param>
    /// <param name="error">Where a failure is told.</param>
    /// <param name="cancellationToken">Ends it, too.</param>
    public static async Task<int> RunAsync(Func<CancellationToken, Task<int>> work, TextWriter error, CancellationToken cancellationToken)
    {
        using StopSignals signals = new(cancellationToken);
        return await CliErrors.RunAsync(() => work(signals.Stopped), error, signals.Stopped);
    }
}

/// <summary>Takes the signals that would end the process, as long as it is not disposed of.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stopped;
    private readonly PosixSignalRegistration[] _registrations;

    /// <param name="cancellationToken">Is as good as a signal.</param>
    public StopSignals(CancellationToken cancellationToken)
    {
        _stopped = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, Stop))];
    }

    /// <summary>Is cancelled by the first signal.</summary>
    public CancellationToken Stopped => _stopped.Token;

    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _stopped.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        _stopped.Cancel();
    }
}
