namespace Hearth.Cli.Progress;

/// <summary>Hands reports on at once, one after the other: <see cref="Progress{T}"/> would hand them on later and in any order.</summary>
/// <param name="show">Receives them.</param>
internal sealed class InlineProgress<T>(Action<T> show) : IProgress<T>
{
    private readonly Lock _lock = new();

    public void Report(T value)
    {
        lock (_lock)
        {
            show(value);
        }
    }
}
