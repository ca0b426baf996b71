using System.Text.Json.Nodes;
using Hearth.Benchmarks.Load;

namespace Hearth.EndToEnd.Tests.Load;

public sealed class RequestTests
{
    private static readonly LoadPlan s_plan = new()
    {
        Prompt = LengthDistribution.Parse("16:64"),
        Answer = LengthDistribution.Parse("8:32"),
        SharedTokens = 20,
        Seed = 7,
    };

    [Fact]
    public void SameSeed_GivesTheSameRequests()
    {
        LoadRequest first = new RequestSource(s_plan).Create(2, 5), second = new RequestSource(s_plan).Create(2, 5);

        Assert.Equal(first.Prompt, second.Prompt);
        Assert.Equal(first.Shared, second.Shared);
        Assert.Equal(first.AnswerTokens, second.AnswerTokens);
        Assert.NotEqual(first.Prompt, new RequestSource(s_plan with { Seed = 8 }).Create(2, 5).Prompt);
    }

    [Fact]
    public void Prompts_AreDistinctAndAsLongAsWanted()
    {
        RequestSource source = new(s_plan with { Vocabulary = LengthDistribution.Parse("300:310") });
        LoadRequest[] requests = [.. Enumerable.Range(0, 2000).Select(index => source.Create(index % 2, index))];

        Assert.Equal(requests.Length, requests.Select(request => string.Join(' ', request.Prompt.Take(16))).Distinct().Count());
        Assert.All(requests, request => Assert.InRange(request.Prompt.Count, 16, 64));
        Assert.All(requests, request => Assert.InRange(request.AnswerTokens, 8, 32));
        Assert.All(requests.SelectMany(request => request.Prompt), token => Assert.InRange(token, 300, 310));
    }

    [Fact]
    public void SharedTokens_AreThoseOfTheRun()
    {
        RequestSource source = new(s_plan);

        Assert.Equal(20, source.Create(1, 0).Shared.Count);
        Assert.Equal(source.Create(1, 0).Shared, source.Create(1, 9).Shared);
        Assert.NotEqual(source.Create(1, 0).Shared, source.Create(2, 0).Shared);
    }

    [Fact]
    public void Third_HangsUp()
    {
        RequestSource source = new(s_plan with { HangsUp = true });
        LoadRequest[] all = [.. Enumerable.Range(0, 3000).Select(index => source.Create(0, index))];
        LoadRequest[] leaving = [.. all.Where(request => request.HangUp is not null)];

        Assert.Equal(1000, leaving.Length);
        Assert.InRange(leaving.Count(request => request.HangUp!.Value.AfterTexts is null), 430, 570);
        Assert.All(leaving, request => Assert.InRange(request.HangUp!.Value.AfterTexts ?? 1, 1, request.AnswerTokens - 1));
        Assert.All(leaving, request => Assert.InRange(request.HangUp!.Value.Wait, 0, 1));
    }

    [Fact]
    public void Body_AsksForAGreedyStreamOfTheWantedLength()
    {
        JsonNode body = JsonNode.Parse(RequestBody.Write(new LoadRequest([300], [301, 302], 9), CompletionApi.Completions, "m"))!;

        Assert.Equal(
            """{"model":"m","prompt":[300,301,302],"max_tokens":9,"ignore_eos":true,"temperature":0,"stream":true,"""
            + """ "stream_options":{"include_usage":true}}""".TrimStart(),
            body.ToJsonString());
    }

    [Fact]
    public void ChatBody_HasTheSharedWordsAsSystemMessage()
    {
        JsonNode body = JsonNode.Parse(RequestBody.Write(new LoadRequest([1, 2], [3], 9), CompletionApi.Chat, null))!;

        Assert.Null(body["model"]);
        Assert.Equal("""[{"role":"system","content":"the of"},{"role":"user","content":"and"}]""", body["messages"]!.ToJsonString());
    }

    [Theory]
    [InlineData(new[] { 10.0, 30, 20 }, new[] { 20.0, 10, 10 }, 2.0)]
    [InlineData(new[] { 10.0, 30 }, new[] { 20.0, 0 }, 0.5)]
    [InlineData(new[] { 10.0, double.NaN, 30 }, new[] { 20.0, 1, 10 }, 1.75)]
    [InlineData(new[] { double.NaN }, new[] { 1.0 }, null)]
    [InlineData(new[] { 1.0 }, new double[0], null)]
    public void Ratio_IsTheMedianOfTheRoundsRatios(double[] own, double[] peer, double? expected)
    {
        static double?[] Known(double[] values) => [.. values.Select(value => double.IsNaN(value) ? null : (double?)value)];
        PairedFigure figure = new(new Figure("x", "x", null), Known(own), Known(peer));

        Assert.Equal(expected, figure.Ratio?.Median);
        Assert.Null(new PairedFigure(new Figure("x", "x", null, IsCompared: false), Known(own), Known(peer)).Ratio);
    }

    [Fact]
    public void Gaps_CountWhereAnyPartIsInTheWindow()
    {
        RequestResult stream = new(0) { Texts = { Ticks(10), Ticks(20), Ticks(50), Ticks(60), Ticks(100) } };

        Assert.Equal([30, 10], Gaps(stream, 30, 55, 200));
        Assert.Equal([10, 30, 10, 40], Gaps(stream, 0, 200, 200));
        Assert.Empty(Gaps(stream, 150, 180, 200));
        stream.HungUp = true;
        Assert.Equal([100], Gaps(stream, 150, 180, 200));
        Assert.Empty(Gaps(stream, 110, 120, 130));
    }

    private static double[] Gaps(RequestResult stream, double from, double to, double stopped) =>
        [.. ArrivalScenario.GapsIn(stream, Ticks(from), Ticks(to), Ticks(stopped)).Select(gap => Math.Round(gap, 6))];

    private static long Ticks(double milliseconds) => (long)(milliseconds * System.Diagnostics.Stopwatch.Frequency / 1000);
}
