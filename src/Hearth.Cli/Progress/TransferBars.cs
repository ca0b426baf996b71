using System.Text;
using Hearth.Store.Transfer;

namespace Hearth.Cli.Progress;

/// <summary>
/// Shows a transfer in a terminal: a bar for each layer that is on its way, drawn again ten times a second; what is done stays above as a line.
/// </summary>
internal sealed class TransferBars : TransferDisplay
{
    private const string HideCursor = "\e[?25l";
    private const string ShowCursor = "\e[?25h";
    private const string EraseToEndOfLine = "\e[K";
    private const string EraseBelow = "\e[J";
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);
    private readonly TextWriter _terminal;
    private readonly Func<int> _columns;
    private readonly TimeProvider _time;
    private readonly TransferWords _words;
    private readonly ITimer _timer;
    private readonly List<LayerBar> _layers = [];
    private readonly List<string> _finished = [];
    private readonly HashSet<string> _ended = [];
    private string _status = string.Empty;
    private int _drawnLines;
    private bool _isDisposed;

    /// <summary>Begins to draw.</summary>
    /// <param name="terminal">The terminal.</param>
    /// <param name="columns">Its characters in a line.</param>
    /// <param name="time">The clock.</param>
    /// <param name="words">The words for what is done to layers.</param>
    public TransferBars(TextWriter terminal, Func<int> columns, TimeProvider time, TransferWords words)
    {
        (_terminal, _columns, _time, _words) = (terminal, columns, time, words);
        _terminal.Write(HideCursor);
        _terminal.Flush();
        _timer = time.CreateTimer(_ => Locked(Draw), null, s_interval, s_interval);
    }

    protected override void Show(TransferProgress progress)
    {
        if (progress.Stage == TransferStage.Retrying)
        {
            _finished.Add(TerminalText.Printable(progress.Message));
        }
        else if (!IsOfLayer(progress))
        {
            _status = TerminalText.Printable(progress.Message);
        }
        else
        {
            ShowLayer(progress);
        }
    }

    protected override void End()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _timer.Dispose();
        _layers.Clear();
        _status = string.Empty;
        Write();
        _terminal.Write(ShowCursor);
        _terminal.Flush();
    }

    private void ShowLayer(TransferProgress progress)
    {
        string name = NameOf(progress);
        LayerBar? layer = _layers.Find(layer => layer.Name == name);
        if (progress.Stage is TransferStage.LayerDone or TransferStage.LayerCached)
        {
            if (_ended.Add(name))
            {
                string word = progress.Stage == TransferStage.LayerDone ? _words.Done : _words.Cached;
                _finished.Add($"{name}  {word}  {HumanText.Size(progress.LayerSize)}");
            }

            _layers.RemoveAll(ended => ended.Name == name);
        }
        else if (!_ended.Contains(name))
        {
            if (layer is null)
            {
                _layers.Add(layer = new LayerBar(name, new TransferRate(_time)));
            }

            layer.Update(progress.LayerDone, progress.LayerSize);
        }
    }

    /// <summary>Draws what has changed.</summary>
    internal void Draw()
    {
        if (!_isDisposed)
        {
            Write();
        }
    }

    private void Write()
    {
        // A full line may make the cursor wrap.
        int columns = Math.Max(1, _columns() - 1);
        StringBuilder text = new();
        if (_drawnLines > 0)
        {
            text.Append($"\e[{_drawnLines}A\r");
        }

        // Lines that are drawn again must not wrap; those that stay may.
        List<string> lines = [.. _layers.Select(layer => layer.Render(columns))];
        if (_layers.Count == 0 && _status.Length > 0)
        {
            lines.Add(_status.Length > columns ? _status[..columns] : _status);
        }

        foreach (string line in _finished.Concat(lines))
        {
            text.Append(line).Append(EraseToEndOfLine).Append('\n');
        }

        _finished.Clear();
        _drawnLines = lines.Count;
        _terminal.Write(text.Append(EraseBelow).ToString());
        _terminal.Flush();
    }
}
