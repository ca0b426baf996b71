using Hearth.Engine.Models;

namespace Hearth.Engine.Scheduling;

/// <summary>
/// How many prompt tokens a step takes: all that it can while nobody streams, else so many that the step takes about twice as long as the streams'
/// tokens alone, and up to five times as long while a long prompt has most of its way before it.
/// </summary>
internal sealed class StepBudget(StepCosts costs)
{
    private const double Stretch = 1.8;
    private const double MinSeconds = 0.085;
    private const double Weight = 0.3;
    private const double LongPrompt = 1024;
    private const double LongPromptStretch = 1.6;

    // Kernels of many tokens take them in tiles of so many.
    private const int Tile = 8;
    private double _secondsPerToken;

    /// <summary>Prompt tokens for the next step.</summary>
    /// <param name="streams">Tokens of running answers in the step.</param>
    /// <param name="pending">Tokens that are left of the longest prompt.</param>
    public int PromptTokens(int streams, int pending)
    {
        int most = Math.Max(Tile, Decoder.MaxBatchTokens - streams);
        if (streams == 0 || _secondsPerToken == 0)
        {
            return most;
        }

        double alone = Alone(streams);
        double seconds = Math.Max(MinSeconds, Stretch * alone) * (1 + (LongPromptStretch * Math.Min(1, pending / LongPrompt)));
        double wanted = (seconds - alone) / _secondsPerToken;
        double whole = Math.Round((streams + wanted) / Tile) * Tile;
        return (int)Math.Clamp(whole - streams, Tile / 2, most);
    }

    /// <summary>Learns from a step that took prompt tokens.</summary>
    /// <param name="streams">Tokens of running answers.</param>
    /// <param name="prompts">Prompt tokens.</param>
    /// <param name="elapsed">How long it took.</param>
    public void Observe(int streams, int prompts, TimeSpan elapsed)
    {
        double whole = elapsed.TotalSeconds;
        double observed = Math.Max(whole - Alone(streams), whole / 4) / prompts;
        _secondsPerToken += (_secondsPerToken == 0 ? 1 : Weight) * (observed - _secondsPerToken);
    }

    private double Alone(int streams) => streams > 0 && costs.IsMeasured ? costs.Estimate(streams) : 0;
}
