using Hearth.Engine.Scheduling;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Models;

/// <summary>Mixtures of experts: a token alone takes another path than tokens together.</summary>
public sealed class ExpertsTests
{
    [Theory]
    [InlineData("gpt-oss-moe")]
    [InlineData("llama-moe")]
    [InlineData("olmoe-moe")]
    public void TokenAlone_HasTheSameBitsAsAmongOthers(string model)
    {
        using LogitScorer scorer = LogitScorer.Load(Golden.Path("archs", model + ".gguf"));
        for (int token = 0; token < 24; token++)
        {
            float[] alone = First(scorer, [token]);
            float[] among = First(scorer, [token, 7, 99, 3, 64, 12, 80]);

            Assert.Equal(among, alone);
        }
    }

    private static float[] First(LogitScorer scorer, int[] tokens)
    {
        float[] first = [];
        scorer.Score(
            tokens,
            row =>
            {
                if (first.Length == 0)
                {
                    first = row.ToArray();
                }
            },
            TestContext.Current.CancellationToken);
        return first;
    }
}
