using Hearth.Engine.Benchmarking;
using Hearth.Engine.Models;
using Hearth.Engine.Tests.Models.Synthesis;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Benchmarking;

public sealed class BenchmarkSessionTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    private static string Stories => Golden.Path("stories", "stories260K.gguf");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Model_IsDescribed()
    {
        using BenchmarkSession session = BenchmarkSession.Open(Stories, 2, [new(4, 0, 0, 512)]);

        Assert.Equal(2, session.Threads);
        Assert.Equal("llama", session.Model.Architecture);
        Assert.Equal("F32", session.Model.FileType);
        Assert.Equal(new FileInfo(Stories).Length, session.Model.FileBytes);
        Assert.InRange(session.Model.Parameters, 250_000, 300_000);
    }

    [Theory]
    [InlineData("mamba2")]
    [InlineData("gemma2")]
    [InlineData("qwen3moe")]
    public void Depth_MayFallAndRise(string name)
    {
        Write(name);
        BenchmarkTest[] tests = [new(2, 1, 40, 16), new(0, 1, 0, 16), new(3, 0, 7, 2), new(0, 2, 33, 16), new(2, 1, 40, 16)];

        using BenchmarkSession session = BenchmarkSession.Open(_path, 1, tests);

        foreach (BenchmarkTest test in tests)
        {
            BenchmarkSample sample = session.Measure(test, TestContext.Current.CancellationToken);
            Assert.True(sample.Elapsed > TimeSpan.Zero);
            Assert.Equal(test.PromptTokens > 0, sample.FirstToken is not null);
        }
    }

    [Fact]
    public void PositionsBeyondTheTable_AreRefusedWithTheNumbers()
    {
        Write("gpt2");
        int positions;
        using (OpenedModel opened = OpenedModel.Open(_path, new()))
        {
            positions = opened.Decoder.PositionCount!.Value;
        }

        BenchmarkTest fits = new(8, 0, positions - 8, 512), beyond = fits with { Depth = positions - 7 };
        using BenchmarkSession session = BenchmarkSession.Open(_path, 1, [fits]);
        session.Measure(fits, TestContext.Current.CancellationToken);

        ModelException exception = Assert.Throws<ModelException>(() => BenchmarkSession.Open(_path, 1, [fits, beyond]));
        Assert.Contains($"{positions} positions", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"{positions + 1}", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RotaryModel_GoesBeyondItsContext()
    {
        using BenchmarkSession session = BenchmarkSession.Open(Stories, 1, [new(0, 1, 600, 512)]);

        Assert.True(session.Measure(new(0, 1, 600, 512), TestContext.Current.CancellationToken).Elapsed > TimeSpan.Zero);
    }

    [Theory]
    [InlineData("bert", "encoder")]
    [InlineData("dream", "diffusion")]
    public void ModelThatDoesNotContinueText_IsRefused(string architecture, string expected)
    {
        ModelSynthesizer.Write(ModelCases.All.First(model => model.Architecture == architecture), _path);

        ModelException exception = Assert.Throws<ModelException>(() => BenchmarkSession.Open(_path, 1, [new(4, 0, 0, 512)]));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    private void Write(string name) => ModelSynthesizer.Write(ModelCases.All.First(model => model.Name == name), _path);
}
