using Hearth.Engine.Models;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Scheduling;

/// <summary>
/// How many prompt tokens a step takes: all that it can while nobody streams, else as many as hold the streams up for a moment only.
/// </summary>
internal sealed class StepBudget
{
    private const double StallSeconds = 0.25;
    private const double Weight = 0.3;
    private double _secondsPerToken;

    /// <summary>Prompt tokens for the next step; whole blocks.</summary>
    /// <param name="streams">Tokens of running answers in the step.</param>
    public int PromptTokens(int streams)
    {
        int most = Decoder.MaxBatchTokens - streams;
        if (streams == 0 || _secondsPerToken == 0)
        {
            return most;
        }

        double blocks = Math.Round(StallSeconds / _secondsPerToken / KvStorage.BlockTokens);
        return Math.Min(most, (int)Math.Clamp(blocks, 1, Decoder.MaxBatchTokens / KvStorage.BlockTokens) * KvStorage.BlockTokens);
    }

    /// <summary>Learns from a step that took prompt tokens.</summary>
    public void Observe(int tokens, TimeSpan elapsed)
    {
        double observed = elapsed.TotalSeconds / tokens;
        _secondsPerToken += (_secondsPerToken == 0 ? 1 : Weight) * (observed - _secondsPerToken);
    }
}
