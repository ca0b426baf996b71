using Hearth.Engine.Gguf;
using Hearth.Engine.Quantization;
using Hearth.Engine.Scheduling;
using Hearth.Kernels.Formats;
using Hearth.Kernels.Threading;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Quantization;

/// <summary>Whole files: what is written, and what is not.</summary>
public sealed class QuantizerTests : IDisposable
{
    private readonly Workspace _workspace = new();
    private readonly ComputePool _pool = new(2);

    public static TheoryData<string> FileTypes => [.. QuantizationOptions.FileTypes];

    public void Dispose()
    {
        _pool.Dispose();
        _workspace.Dispose();
    }

    [Theory]
    [MemberData(nameof(FileTypes))]
    public void File_HasThePlansTypesAndNearlyTheValues(string type)
    {
        using GgufFile model = _workspace.Model();
        QuantizationPlan plan = QuantizationPlan.Create(model, new QuantizationOptions { Type = type.ToLowerInvariant() });

        Quantizer.Run(model, plan, _workspace.Path("out.gguf"), overwrite: false, _pool, cancellationToken: TestContext.Current.CancellationToken);

        using GgufFile written = GgufFile.Open(_workspace.Path("out.gguf"));
        Assert.Equal(["model.gguf", "out.gguf"], _workspace.Files());
        Assert.Equal("small", written.Metadata.GetString("general.name"));
        Assert.Equal(2, written.Metadata.GetInteger("general.quantization_version"));
        Assert.Equal(type == "MXFP4" ? "MXFP4_MOE" : type, GgufFileTypes.NameOf(written.Metadata.GetInteger("general.file_type")!.Value));
        Assert.Equal(plan.Tensors.Select(tensor => (tensor.Source.Name, tensor.Type, tensor.ByteLength)), written.Tensors.Select(tensor => (tensor.Name, tensor.Type, tensor.ByteLength)));
        Assert.Equal(plan.TargetBytes, written.Tensors.Sum(tensor => tensor.ByteLength));
        foreach (GgufTensor tensor in model.Tensors.Where(tensor => tensor.Type == TensorType.F32))
        {
            double error = Golden.NormalizedMeanSquaredError(written.ReadFloats(written.Tensor(tensor.Name)), model.ReadFloats(tensor));
            Assert.InRange(error, 0, type == "Q2_K" ? 0.1 : 0.03);
        }

        Assert.Equal(model.Data(model.Tensor("ids.weight")), written.Data(written.Tensor("ids.weight")));
    }

    [Fact]
    public void Bytes_DoNotDependOnThreads()
    {
        using GgufFile model = _workspace.Model();
        QuantizationPlan plan = QuantizationPlan.Create(model, new QuantizationOptions { Type = "Q4_K_M" });
        using ComputePool one = new(1), three = new(3);

        Quantizer.Run(model, plan, _workspace.Path("one"), overwrite: false, one, cancellationToken: TestContext.Current.CancellationToken);
        Quantizer.Run(model, plan, _workspace.Path("three"), overwrite: false, three, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(File.ReadAllBytes(_workspace.Path("one")), File.ReadAllBytes(_workspace.Path("three")));
    }

    [Fact]
    public void Requantizing_IsRefusedUnlessAskedFor()
    {
        Quantize(_workspace.ModelPath, "small", "Q8_0");
        using GgufFile small = GgufFile.Open(_workspace.Path("small"));

        QuantizationException error = Assert.Throws<QuantizationException>(
            () => QuantizationPlan.Create(small, new QuantizationOptions { Type = "Q4_0" }));
        Assert.Equal((QuantizationErrorKind.AlreadyQuantized, "token_embd.weight"), (error.Kind, error.Subject));
        Assert.Equal(small.Tensors.Select(tensor => tensor.Type), QuantizationPlan.Create(small, new QuantizationOptions { Type = "Q8_0" }).Tensors.Select(tensor => tensor.Type));

        QuantizationPlan plan = QuantizationPlan.Create(small, new QuantizationOptions { Type = "Q4_0", Requantize = true });
        Quantizer.Run(small, plan, _workspace.Path("smaller"), overwrite: false, _pool, cancellationToken: TestContext.Current.CancellationToken);
        using GgufFile smaller = GgufFile.Open(_workspace.Path("smaller")), model = _workspace.Model();
        Assert.Equal(TensorType.Q4_0, smaller.Tensor("blk.0.attn_v.weight").Type);
        Assert.InRange(
            Golden.NormalizedMeanSquaredError(
                smaller.ReadFloats(smaller.Tensor("blk.0.attn_v.weight")), model.ReadFloats(model.Tensor("blk.0.attn_v.weight"))),
            0,
            0.01);
    }

    [Fact]
    public void ModelItself_IsNotOverwritten()
    {
        string link = _workspace.Path("link.gguf");
        File.CreateSymbolicLink(link, _workspace.ModelPath);
        using GgufFile model = _workspace.Model();

        foreach (string path in new[] { _workspace.ModelPath, link, Path.Combine(_workspace.Folder, ".", "model.gguf") })
        {
            Assert.Equal(
                QuantizationErrorKind.SameFile,
                Assert.Throws<QuantizationException>(() => Quantizer.CheckTarget(model, path, overwrite: true)).Kind);
        }
    }

    [Fact]
    public void FilesThatAreThere_AreReplacedOnlyWhenAskedFor()
    {
        string path = _workspace.Path("out.gguf");
        File.WriteAllText(path, "precious");
        using GgufFile model = _workspace.Model();
        QuantizationPlan plan = QuantizationPlan.Create(model, new QuantizationOptions { Type = "Q8_0" });

        Assert.Equal(
            QuantizationErrorKind.FileExists,
            Assert.Throws<QuantizationException>(
                () => Quantizer.Run(model, plan, path, overwrite: false, _pool, cancellationToken: TestContext.Current.CancellationToken)).Kind);
        Assert.Equal("precious", File.ReadAllText(path));

        Quantizer.Run(model, plan, path, overwrite: true, _pool, cancellationToken: TestContext.Current.CancellationToken);
        GgufFile.Open(path).Dispose();
    }

    [Fact]
    public void Cancelling_LeavesNothing()
    {
        using CancellationTokenSource source = new();
        using GgufFile model = _workspace.Model();
        QuantizationPlan plan = QuantizationPlan.Create(model, new QuantizationOptions { Type = "Q5_K_M" });
        int tensors = 0;

        Assert.Throws<OperationCanceledException>(() => Quantizer.Run(
            model,
            plan,
            _workspace.Path("out.gguf"),
            overwrite: false,
            _pool,
            progress =>
            {
                tensors++;
                if (progress.Tensor == 2)
                {
                    Assert.Equal(3, _workspace.Files().Length + 1);
                    source.Cancel();
                }
            },
            source.Token));

        Assert.Equal(3, tensors);
        Assert.Equal(["model.gguf"], _workspace.Files());
    }

    [Fact]
    public void Leftovers_OfKilledRuns_AreRemovedAndNothingElse()
    {
        string abandoned = $"out.gguf.{Guid.NewGuid():N}.tmp", open = $"out.gguf.{Guid.NewGuid():N}.tmp";
        string[] others = [$"another.gguf.{Guid.NewGuid():N}.tmp", "out.gguf.tmp", "out.gguf.1234.tmp"];
        foreach (string name in (string[])[abandoned, open, .. others])
        {
            File.WriteAllText(_workspace.Path(name), "half");
        }

        using (new FileStream(_workspace.Path(open), FileMode.Open, FileAccess.Write, FileShare.None))
        {
            Quantize(_workspace.ModelPath, "out.gguf", "Q8_0");
        }

        Assert.Equal([.. ((string[])["model.gguf", "out.gguf", open, .. others]).Order(StringComparer.Ordinal)], _workspace.Files());
    }

    [Theory]
    [InlineData(float.NaN, "Q8_0", "damaged")]
    [InlineData(float.NegativeInfinity, "Q4_K_M", "damaged")]
    [InlineData(float.PositiveInfinity, "BF16", "damaged")]
    [InlineData(1e5f, "F16", "BF16")]
    public void ValuesThatATypeCannotHold_AreNamedAndNothingIsWritten(float value, string type, string advice)
    {
        float[] values = new float[256 * 64];
        values[12345] = value;
        new GgufWriter().Set("general.architecture", "llama").Set("llama.block_count", 1u)
            .Add("blk.0.ffn_up.weight", [256, 64], values).Save(_workspace.Path("bad"));

        QuantizationException error = Assert.Throws<QuantizationException>(() => Quantize(_workspace.Path("bad"), "out", type));

        Assert.Equal((QuantizationErrorKind.ValueOutOfRange, "blk.0.ffn_up.weight"), (error.Kind, error.Subject));
        Assert.Contains("element 12345", error.Message, StringComparison.Ordinal);
        Assert.Contains(advice, error.Message, StringComparison.Ordinal);
        Assert.Equal(["bad", "model.gguf"], _workspace.Files());
    }

    [Fact]
    public void PartsOfASplitModel_BecomeOneFile()
    {
        for (int part = 0; part < 2; part++)
        {
            new GgufWriter().Set("general.architecture", "llama").Set("llama.block_count", 2u)
                .Set("split.no", (ushort)part).Set("split.count", (ushort)2).Set("split.tensors.count", 2)
                .Add($"blk.{part}.ffn_up.weight", [256, 2], [.. Enumerable.Range(0, 512).Select(i => (float)i)])
                .Save(_workspace.Path($"part-0000{part + 1}-of-00002.gguf"));
        }

        Quantize(_workspace.Path("part-00001-of-00002.gguf"), "whole.gguf", "F16");

        using GgufFile whole = GgufFile.Open(_workspace.Path("whole.gguf"));
        Assert.Equal(1, whole.PartCount);
        Assert.Equal([TensorType.F16, TensorType.F16], whole.Tensors.Select(tensor => tensor.Type));
        Assert.DoesNotContain(whole.Metadata.Keys, key => key.StartsWith("split.", StringComparison.Ordinal));
        using GgufFile parts = GgufFile.Open(_workspace.Path("part-00001-of-00002.gguf"));
        Assert.Equal(
            QuantizationErrorKind.SameFile,
            Assert.Throws<QuantizationException>(() => Quantizer.CheckTarget(parts, _workspace.Path("part-00002-of-00002.gguf"), overwrite: true)).Kind);
    }

    [Fact]
    public void Stories_QuantizedToEightBits_KeepsItsLogits()
    {
        Quantize(Golden.Path("stories", "stories260K.gguf"), "stories", "Q8_0");

        double error = Golden.NormalizedMeanSquaredError(Score(_workspace.Path("stories")), Golden.Floats("stories", "once.logits"));

        Assert.InRange(error, 1e-12, 1e-3);
    }

    private static float[] Score(string path)
    {
        using LogitScorer scorer = LogitScorer.Load(path, new LanguageModelOptions());
        int[] tokens = [.. Enumerable.Range(0, 64).Select(i => ((i * 37) + 11) % scorer.Config.VocabularySize)];
        List<float> logits = [];
        scorer.Score(tokens, row => logits.AddRange(row), TestContext.Current.CancellationToken);
        return [.. logits];
    }

    private void Quantize(string from, string to, string type)
    {
        using GgufFile model = GgufFile.Open(from);
        QuantizationPlan plan = QuantizationPlan.Create(model, new QuantizationOptions { Type = type });
        Quantizer.Run(model, plan, _workspace.Path(to), overwrite: false, _pool, cancellationToken: TestContext.Current.CancellationToken);
    }
}
