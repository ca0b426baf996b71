using Hearth.Engine.Grammar;
using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Scheduling.Speculation;

namespace Hearth.Engine.Tests.Scheduling;

/// <summary>Ranks and probabilities of tokens, beside a whole list of the vocabulary in order.</summary>
public sealed class TokenRankTests
{
    private static readonly SpeculationOptions s_eager = new() { StepCost = _ => 1 };

    [Fact]
    public async Task GreedyTokens_HaveRankZero_AloneBesideOthersAndGuessed()
    {
        using LanguageModel model = Load(s_eager);
        GenerationRequest[] requests = [.. Traces.Requests(model).Select(request => request with { Sampling = new SamplingOptions { Temperature = 0, IgnoreEndOfGeneration = true } })];

        IEnumerable<TokenProbability>[] together = await Task.WhenAll(requests.Select(request => TokensAsync(model, request)));

        Assert.All(together, tokens => Assert.All(tokens, token => Assert.Equal(0, token.Rank)));
        Assert.True(model.Statistics.AcceptedTokens > 0, $"{model.Statistics}");
        Assert.All(await TokensAsync(model, requests[0]), token => Assert.Equal(0, token.Rank));
    }

    [Fact]
    public async Task SampledTokens_HaveTheirPlacesInASortedList()
    {
        using LanguageModel plain = Load(new SpeculationOptions { PromptLookup = false });
        using LanguageModel guessing = Load(s_eager);
        GenerationRequest[] requests =
        [
            .. Traces.Requests(plain).Take(6).Select((request, i) => request with
            {
                TopLogProbabilities = plain.Tokenizer.VocabularySize,
                Sampling = new SamplingOptions { Temperature = 2, TopK = 0, TopP = 1, MinP = 0, Seed = (uint)i, IgnoreEndOfGeneration = true },
            }),
        ];

        foreach (GenerationRequest request in requests)
        {
            List<TokenProbability> tokens = await TokensAsync(plain, request);

            Assert.Contains(tokens, token => token.Rank > 0);
            Assert.All(tokens, token => Assert.Equal(PlaceOf(token), token.Rank));
            Assert.Equal(tokens.Select(token => token.Rank), (await TokensAsync(guessing, request)).Select(token => token.Rank));
        }
    }

    [Fact]
    public async Task ForcedTokens_HaveTheirPlacesInTheModelsOwnDistribution()
    {
        using LanguageModel model = Load(s_eager);
        GenerationRequest request = Constrained(model) with { TopLogProbabilities = model.Tokenizer.VocabularySize };

        List<TokenProbability> tokens = await TokensAsync(model, request);

        Assert.True(tokens.Count > 5);
        Assert.Contains(tokens, token => token.Rank > 0);
        Assert.All(tokens, token => Assert.Equal(PlaceOf(token), token.Rank));
    }

    [Fact]
    public async Task ProbabilitiesAfterSampling_AreThoseOfTheStages()
    {
        using LanguageModel model = Load(s_eager);
        GenerationRequest request = Traces.Requests(model)[0] with
        {
            TopLogProbabilities = model.Tokenizer.VocabularySize,
            Sampling = new SamplingOptions { Temperature = 0.5f, TopK = 7, TopP = 1, MinP = 0, Seed = 5, IgnoreEndOfGeneration = true },
        };
        List<TokenProbability> own = await TokensAsync(model, request);

        List<TokenProbability> drawn = await TokensAsync(model, request with { ProbabilitiesAfterSampling = true });

        Assert.Equal(own.Select(token => (token.Token, token.Rank)), drawn.Select(token => (token.Token, token.Rank)));
        foreach ((TokenProbability token, TokenProbability after) in own.Zip(drawn))
        {
            double sum = token.Top.Take(7).Sum(top => Math.Exp(top.LogProbability / 0.5));
            Assert.Equal(token.Top.Take(7).Select(top => top.Token), after.Top.Select(top => top.Token));
            Assert.All(token.Top.Zip(after.Top), pair => Assert.Equal(Math.Exp(pair.First.LogProbability / 0.5) / sum, Math.Exp(pair.Second.LogProbability), 1e-4));
            Assert.Equal(after.Top.Single(top => top.Token == after.Token).LogProbability, after.LogProbability);
        }
    }

    [Fact]
    public async Task TokenThatHadToFollow_HasProbabilityOne()
    {
        using LanguageModel model = Load(s_eager);

        List<TokenProbability> tokens = await TokensAsync(model, Constrained(model) with { TopLogProbabilities = 3, ProbabilitiesAfterSampling = true });

        Assert.All(tokens, token => Assert.Equal((0, 1, token.Token), (token.LogProbability, token.Top.Count, token.Top[0].Token)));
    }

    private static GenerationRequest Constrained(LanguageModel model) => Traces.Requests(model)[1] with
    {
        MaxTokens = 60,
        Constraint = GenerationConstraint.FromJsonSchema("""{"const":"Once upon a time there was a little girl"}"""),
    };

    private static int PlaceOf(TokenProbability token) => token.Top
        .OrderByDescending(top => top.LogProbability).ThenBy(top => top.Token)
        .Select(top => top.Token).ToList().IndexOf(token.Token);

    private static async Task<List<TokenProbability>> TokensAsync(LanguageModel model, GenerationRequest request) =>
        [.. (await Traces.EventsAsync(model, request)).OfType<TextDelta>().SelectMany(delta => delta.LogProbabilities)];

    private static LanguageModel Load(SpeculationOptions speculation) =>
        LanguageModel.Load(Traces.Stories, new LanguageModelOptions { Threads = 2, Parallel = 8, Speculation = speculation });
}
