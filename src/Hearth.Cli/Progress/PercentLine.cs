namespace Hearth.Cli.Progress;

/// <summary>One line on standard error with the share of the bytes that are done; nothing when that is not a terminal.</summary>
internal sealed class PercentLine(CliContext context) : IProgress<(long Done, long Total)>, IDisposable
{
    private readonly ProgressLine _line = new(100, context.HasErrorTerminal);
    private readonly Lock _lock = new();

    public void Report((long Done, long Total) value)
    {
        lock (_lock)
        {
            _line.Show((long)(100d * value.Done / Math.Max(value.Total, 1)), $"{HumanText.Size(value.Done)} of {HumanText.Size(value.Total)}");
        }
    }

    public void Dispose() => _line.Dispose();
}
