using System.Diagnostics;

namespace Hearth.Cli.Progress;

/// <summary>One line on standard error that says how far long work is; nothing when that is not a terminal.</summary>
internal sealed class ProgressLine(long total, bool isTerminal) : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);
    private long _shown;
    private int _length;

    public ProgressLine(long total)
        : this(total, !Console.IsErrorRedirected)
    {
    }

    /// <summary>Shows the progress, unless it was shown a moment ago.</summary>
    /// <param name="done">How much of the total is done.</param>
    /// <param name="next">What is worked on.</param>
    public void Show(long done, string next)
    {
        if (!isTerminal || (_shown != 0 && Stopwatch.GetElapsedTime(_shown) < s_interval))
        {
            return;
        }

        _shown = Stopwatch.GetTimestamp();
        Write($"{100d * done / Math.Max(total, 1),3:F0} %  {TerminalText.Printable(next)}");
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
