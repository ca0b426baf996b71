using Hearth.Engine.Models;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Scheduling;

/// <summary>
/// How many prompt tokens a step takes: all that it can while nobody streams, else as many as hold the streams up for a moment only.
/// </summary>
internal sealed class StepBudget
{
    private const double StallSeconds = 0.2;
    private const int Granularity = 8;
    private const double Weight = 0.3;
    private double _secondsPerToken;

    /// <summary>Prompt tokens for the next step.</summary>
    /// <param name="streams">Tokens of running answers in the step.</param>
    public int PromptTokens(int streams)
    {
        int most = Math.Max(Granularity, Decoder.MaxBatchTokens - streams);
        if (streams == 0 || _secondsPerToken == 0)
        {
            return most;
        }

        // A chunk that is not short ends with a block; one that is need not.
        double wanted = StallSeconds / _secondsPerToken;
        double unit = wanted >= KvStorage.BlockTokens ? KvStorage.BlockTokens : Granularity;
        return (int)Math.Clamp(Math.Round(wanted / unit) * unit, Granularity, most);
    }

    /// <summary>Learns from a step that took prompt tokens.</summary>
    public void Observe(int tokens, TimeSpan elapsed)
    {
        double observed = elapsed.TotalSeconds / tokens;
        _secondsPerToken += (_secondsPerToken == 0 ? 1 : Weight) * (observed - _secondsPerToken);
    }
}
