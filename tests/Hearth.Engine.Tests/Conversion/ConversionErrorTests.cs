using System.Text.Json.Nodes;
using Hearth.Engine.Conversion;
using Hearth.Engine.Conversion.Safetensors;
using Hearth.Kernels.Formats;
using Hearth.Kernels.Threading;

namespace Hearth.Engine.Tests.Conversion;

/// <summary>Folders that cannot be converted: the error names what is wrong, and nothing is written.</summary>
public sealed class ConversionErrorTests
{
    [Fact]
    public void Folder_ThatIsNotThere() =>
        Assert.Equal(ConversionErrorKind.FolderNotFound,
            Assert.Throws<ConversionException>(() => ModelConversion.Open("/nowhere/at/all", new())).Kind);

    [Theory]
    [InlineData("config.json", "config.json")]
    [InlineData("model.safetensors", "model.safetensors")]
    [InlineData("tokenizer.json", "tokenizer.json or tokenizer.model")]
    public void MissingFile_IsNamed(string file, string name)
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "qwen2");
        File.Delete(folder.Combine(file));

        ConversionException error = folder.Error();

        Assert.Equal(ConversionErrorKind.MissingFile, error.Kind);
        Assert.Equal(name, error.Subject);
    }

    public static TheoryData<string, string, string, ConversionErrorKind, string> Settings => new()
    {
        { "llama", "model_type", "\"mamba9\"", ConversionErrorKind.UnsupportedModel, "mamba9" },
        { "llama", "rope_scaling", """{"rope_type":"dynamic","factor":2.0}""", ConversionErrorKind.UnsupportedSetting, "dynamic" },
        { "qwen2", "rope_scaling", """{"rope_type":"llama3","factor":2.0}""", ConversionErrorKind.UnsupportedSetting, "llama3" },
        { "llama", "rope_scaling", """{"rope_type":"linear"}""", ConversionErrorKind.InvalidValue, "factor" },
        { "llama", "rope_scaling", "7", ConversionErrorKind.InvalidValue, "rope_scaling" },
        { "llama", "hidden_act", "\"relu\"", ConversionErrorKind.UnsupportedSetting, "relu" },
        { "llama", "partial_rotary_factor", "0.5", ConversionErrorKind.UnsupportedSetting, "partial_rotary_factor" },
        { "llama", "num_hidden_layers", "1", ConversionErrorKind.UnsupportedSetting, "model.layers.1." },
        { "llama", "num_hidden_layers", "3", ConversionErrorKind.MissingTensor, "model.layers.2." },
        { "llama", "num_hidden_layers", "\"two\"", ConversionErrorKind.InvalidValue, "two" },
        { "llama", "num_attention_heads", "0", ConversionErrorKind.InvalidValue, "num_attention_heads" },
        { "llama", "num_attention_heads", "5", ConversionErrorKind.TensorShape, "5 heads" },
        { "llama", "vocab_size", "999", ConversionErrorKind.TensorShape, "999" },
        { "llama", "quantization_config", """{"quant_method":"gptq"}""", ConversionErrorKind.UnsupportedSetting, "gptq" },
        { "qwen2", "tie_word_embeddings", "false", ConversionErrorKind.MissingTensor, "lm_head" },
        { "qwen3_moe", "norm_topk_prob", "false", ConversionErrorKind.UnsupportedSetting, "norm_topk_prob" },
        { "qwen3_moe", "num_experts", "5", ConversionErrorKind.MissingTensor, "experts.4" },
        { "gemma2", "query_pre_attn_scalar", "24", ConversionErrorKind.UnsupportedSetting, "query_pre_attn_scalar" },
        { "gemma3_text", "sliding_window_pattern", "3", ConversionErrorKind.UnsupportedSetting, "layer_types" },
        { "phi3-long", "rope_scaling", """{"type":"longrope","long_factor":[1],"short_factor":[1]}""",
            ConversionErrorKind.InvalidValue, "long_factor" },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public void Setting_ThatAFileCannotSay_IsNamed(string type, string key, string value, ConversionErrorKind kind, string named)
    {
        using TestFolder folder = new();
        TestModels.Write(folder, type);
        folder.Change("config.json", json => json[key] = JsonNode.Parse(value));

        ConversionException error = folder.Error();

        Assert.Equal(kind, error.Kind);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.Output));
    }

    [Fact]
    public void Tensor_WithoutAPlace_IsNamed()
    {
        using TestFolder folder = new();
        HuggingFaceTransformer model = TestModels.Write(folder, "llama");
        folder.WriteTensors([.. model.Tensors, new TestTensor("model.layers.0.self_attn.sinks", "F32", [4], new float[4])]);

        ConversionException error = folder.Error();

        Assert.Equal(ConversionErrorKind.UnknownTensor, error.Kind);
        Assert.Equal("model.layers.0.self_attn.sinks", error.Subject);
    }

    [Fact]
    public void Tensor_OfIntegers_IsNamed()
    {
        using TestFolder folder = new();
        HuggingFaceTransformer model = TestModels.Write(folder, "llama");
        folder.WriteTensors([.. model.Tensors.Select(
            tensor => tensor.Name == "model.norm.weight" ? new TestTensor(tensor.Name, "I32", [64], new float[64]) : tensor)]);

        ConversionException error = folder.Error();

        Assert.Equal(ConversionErrorKind.UnsupportedTensorType, error.Kind);
        Assert.Contains("I32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Value_ThatF16CannotHold_IsNamed_AndNothingIsLeft()
    {
        using TestFolder folder = new();
        HuggingFaceTransformer model = TestModels.Write(folder, "llama");
        model.Values("model.layers.1.mlp.up_proj.weight")[77] = 1e6f;
        folder.WriteTensors([.. model.Tensors]);

        ConversionException error = folder.Error(new ConversionOptions { Type = TensorType.F16 });

        Assert.Equal(ConversionErrorKind.ValueOutOfRange, error.Kind);
        Assert.Contains("element 77", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(folder.Output)!));
    }

    [Theory]
    [InlineData("../model.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("a\\\\b.safetensors")]
    [InlineData("..")]
    public void Index_ThatLeavesTheFolder_IsRefused(string file)
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "llama");
        folder.Write("model.safetensors.index.json",
            JsonNode.Parse("""{"weight_map":{"model.norm.weight":"FILE"}}""".Replace("FILE", file, StringComparison.Ordinal))!);

        Assert.Equal(ConversionErrorKind.InvalidValue, folder.Error().Kind);
    }

    [Fact]
    public void Index_WithoutATensorOfAFile_IsRefused()
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "llama", files: 2);
        folder.Change("model.safetensors.index.json", json => json["weight_map"]!.AsObject().Remove("model.norm.weight"));

        Assert.Equal(ConversionErrorKind.InvalidFile, folder.Error().Kind);
    }

    [Fact]
    public void Output_ThatExists_IsOnlyReplacedWhenAskedFor()
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "llama");
        File.WriteAllText(folder.Output, "mine");
        using ComputePool pool = new(1);
        using (ModelConversion conversion = ModelConversion.Open(folder.Folder, new()))
        {
            Assert.Equal(
                ConversionErrorKind.FileExists,
                Assert.Throws<ConversionException>(() =>
                    conversion.Save(folder.Output, overwrite: false, pool, cancellationToken: TestContext.Current.CancellationToken)).Kind);
        }

        Assert.Equal("mine", File.ReadAllText(folder.Output));
        folder.Save();
        Assert.NotEqual("mine", File.ReadAllText(folder.Output));
    }

    [Fact]
    public void Cancellation_LeavesNothing()
    {
        using TestFolder folder = new();
        TestModels.Write(folder, "llama");
        using ComputePool pool = new(1);
        using ModelConversion conversion = ModelConversion.Open(folder.Folder, new());
        using CancellationTokenSource cancel = new();

        Assert.Throws<OperationCanceledException>(
            () => conversion.Save(folder.Output, overwrite: false, pool, progress => cancel.Cancel(), cancel.Token));
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(folder.Output)!));
    }

    [Theory]
    [InlineData("config.json", "llama")]
    [InlineData("tokenizer.json", "qwen2")]
    [InlineData("tokenizer.model", "llama")]
    [InlineData("tokenizer_config.json", "llama3")]
    [InlineData("model.safetensors.index.json", "mistral")]
    public void MutatedFiles_AreConvertedOrRefused(string file, string type)
    {
        using TestFolder folder = new();
        TestModels.Write(folder, type, files: file.EndsWith("index.json", StringComparison.Ordinal) ? 2 : 1);
        byte[] sound = File.ReadAllBytes(folder.Combine(file));
        byte[] interesting = "{}[],:\"\\09-e.tu\0\x7F\x80"u8.ToArray();
        Random random = new(file.Length);
        int refused = 0;
        for (int i = 0; i < 150; i++)
        {
            byte[] bytes = random.Next(8) == 0 ? sound[..random.Next(sound.Length)] : [.. sound];
            int changes = random.Next(1, 4);
            for (int change = 0; change < changes && bytes.Length > 0; change++)
            {
                bytes[random.Next(bytes.Length)] = random.Next(2) == 0
                    ? interesting[random.Next(interesting.Length)] : (byte)random.Next(256);
            }

            folder.Write(file, bytes);
            try
            {
                ModelConversion.Open(folder.Folder, new()).Dispose();
            }
            catch (Exception exception) when (exception is ConversionException or SafetensorsException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 20, 149);
    }
}
