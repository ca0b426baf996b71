namespace Hearth.Engine.Scheduling.Speculation;

/// <summary>How likely a guess is right, from how the latest ones were.</summary>
internal sealed class GuessQuality
{
    private const double Weight = 0.15;

    /// <summary>The share of guesses that are right, recent ones counting most.</summary>
    public double Rate { get; private set; } = 0.7;

    public void Observe(bool wasRight) => Rate += Weight * ((wasRight ? 1 : 0) - Rate);
}
