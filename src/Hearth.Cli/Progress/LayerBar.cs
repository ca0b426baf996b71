namespace Hearth.Cli.Progress;

/// <summary>The line of a layer that is on its way.</summary>
/// <param name="name">What it is called.</param>
/// <param name="rate">How fast it comes.</param>
internal sealed class LayerBar(string name, TransferRate rate)
{
    private const int LongestName = 30;
    private const int LongestBar = 40;
    private const int ShortestBar = 6;
    private long _done;
    private long _size;

    /// <summary>What it is called.</summary>
    public string Name => name;

    /// <summary>Tells how much is done.</summary>
    public void Update(long done, long size)
    {
        (_done, _size) = (Math.Clamp(done, 0, Math.Max(size, 0)), size);
        rate.Add(_done);
    }

    /// <summary>The line; what has no room is left out, beginning with the bar.</summary>
    /// <param name="columns">Characters that it may have.</param>
    public string Render(int columns)
    {
        string shown = name.Length > LongestName ? name[..(LongestName - 1)] + "…" : name;
        double fraction = _size > 0 ? (double)_done / _size : 0;
        string start = $"{shown}  {(int)(fraction * 100),3}%";
        string amount = $"  {HumanText.Size(_done)}/{HumanText.Size(_size)}";
        string speed = rate.PerSecond() is double perSecond ? $"  {HumanText.Size((long)perSecond)}/s" : string.Empty;
        string left = speed.Length > 0 ? $"  {HumanText.Duration(TimeSpan.FromSeconds(Math.Min((_size - _done) / rate.PerSecond()!.Value, 1e6)))}" : string.Empty;
        foreach (string end in (string[])[amount + speed + left, amount + speed, amount])
        {
            int bar = Math.Min(LongestBar, columns - start.Length - end.Length - 4);
            if (bar >= ShortestBar)
            {
                int full = (int)(fraction * bar);
                return $"{start}  ▕{new string('█', full)}{new string(' ', bar - full)}▏{end}";
            }

            if (start.Length + end.Length <= columns)
            {
                return start + end;
            }
        }

        return start.Length <= columns ? start : start[..columns];
    }
}
