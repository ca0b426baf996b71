using System.Diagnostics;

namespace Hearth.Cli;

/// <summary>One line on standard error that says how far the writing of a model is; nothing when that is not a terminal.</summary>
internal sealed class ProgressLine(long totalBytes) : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private long _shown;
    private int _length;

    /// <summary>Shows the progress, unless it was shown a moment ago.</summary>
    /// <param name="bytes">Bytes that have been read.</param>
    /// <param name="tensor">The tensor that is written.</param>
    public void Show(long bytes, string tensor)
    {
        if (!_isTerminal || (_shown != 0 && Stopwatch.GetElapsedTime(_shown) < s_interval))
        {
            return;
        }

        _shown = Stopwatch.GetTimestamp();
        Write($"{100d * bytes / Math.Max(totalBytes, 1),3:F0} %  {TerminalText.Printable(tensor)}");
    }

    /// <summary>Clears the line.</summary>
    public void Dispose()
    {
        if (_length > 0)
        {
            Write(string.Empty);
            Console.Error.Write('\r');
        }
    }

    private void Write(string text)
    {
        // Longer names would wrap, and a wrapped line cannot be overwritten.
        const int Columns = 79;
        string line = text.Length > Columns ? text[..Columns] : text;
        Console.Error.Write('\r' + line.PadRight(_length));
        _length = line.Length;
    }
}
