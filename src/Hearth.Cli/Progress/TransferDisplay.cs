using Hearth.Store.Transfer;

namespace Hearth.Cli.Progress;

/// <summary>Shows on standard error how far a pull or a push is.</summary>
internal abstract class TransferDisplay : IProgress<TransferProgress>, IDisposable
{
    private readonly Lock _lock = new();

    /// <summary>What a terminal, or a file, gets to see.</summary>
    public static TransferDisplay Create(CliContext context, TransferWords words) =>
        context.HasErrorTerminal ? new TransferBars(context.Error, context.Columns, context.Time, words) : new TransferLines(context.Error, words);

    public void Report(TransferProgress value)
    {
        lock (_lock)
        {
            Show(value);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            End();
        }
    }

    /// <summary>What people see of a layer's name.</summary>
    protected static string NameOf(TransferProgress progress) =>
        TerminalText.Printable(progress.LayerName ?? progress.Layer?.Abbreviated ?? "layer");

    /// <summary>Whether a report is of a layer.</summary>
    protected static bool IsOfLayer(TransferProgress progress) => progress.Layer is not null || progress.LayerName is not null;

    /// <summary>Does something while no report comes in.</summary>
    protected void Locked(Action work)
    {
        lock (_lock)
        {
            work();
        }
    }

    /// <summary>Shows a report.</summary>
    protected abstract void Show(TransferProgress progress);

    /// <summary>Leaves the terminal as it was.</summary>
    protected abstract void End();
}

/// <summary>The words for what is done to layers.</summary>
/// <param name="Doing">While it is done.</param>
/// <param name="Done">When it is done.</param>
/// <param name="Cached">When there was nothing to do.</param>
internal sealed record TransferWords(string Doing, string Done, string Cached)
{
    /// <summary>Of a pull.</summary>
    public static readonly TransferWords Pull = new("Pulling", "Pulled", "Already here");

    /// <summary>Of a push.</summary>
    public static readonly TransferWords Push = new("Pushing", "Pushed", "Already there");
}
