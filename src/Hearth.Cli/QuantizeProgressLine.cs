using System.Diagnostics;
using Hearth.Engine.Quantization;

namespace Hearth.Cli;

/// <summary>One line on standard error that says how far a quantisation is; nothing when that is not a terminal.</summary>
internal sealed class QuantizeProgressLine(QuantizationPlan plan) : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private long _shown;
    private int _length;

    /// <summary>Shows the progress, unless it was shown a moment ago.</summary>
    public void Show(QuantizationProgress progress)
    {
        if (!_isTerminal || (_shown != 0 && Stopwatch.GetElapsedTime(_shown) < s_interval))
        {
            return;
        }

        _shown = Stopwatch.GetTimestamp();
        Write($"{100d * progress.SourceBytes / Math.Max(plan.SourceBytes, 1),3:F0} %  {TerminalText.Printable(plan.Tensors[progress.Tensor].Source.Name)}");
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
