using Hearth.Store.Transfer;

namespace Hearth.Cli.Progress;

/// <summary>Shows a transfer as lines: one when something begins or ends.</summary>
/// <param name="output">Where they go.</param>
/// <param name="words">The words for what is done to layers.</param>
internal sealed class TransferLines(TextWriter output, TransferWords words) : TransferDisplay
{
    private readonly HashSet<string> _begun = [];
    private readonly HashSet<string> _ended = [];
    private string? _last;

    protected override void Show(TransferProgress progress)
    {
        if (!IsOfLayer(progress) || progress.Stage is TransferStage.Retrying)
        {
            Write(TerminalText.Printable(progress.Message));
            return;
        }

        string name = NameOf(progress);
        string size = HumanText.Size(progress.LayerSize);
        switch (progress.Stage)
        {
            case TransferStage.Transferring when _begun.Add(name):
                Write($"{words.Doing} {name} ({size})");
                break;
            case TransferStage.LayerDone when _ended.Add(name):
                Write($"{words.Done} {name} ({size})");
                break;
            case TransferStage.LayerCached when _ended.Add(name):
                Write($"{words.Cached}: {name} ({size})");
                break;
        }
    }

    protected override void End() => output.Flush();

    // A stage that reports itself again and again is one line.
    private void Write(string line)
    {
        if (line.Length > 0 && line != _last)
        {
            _last = line;
            output.WriteLine(line);
        }
    }
}
