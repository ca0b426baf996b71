using Hearth.Engine.Gguf;
using Hearth.Kernels.Formats;
using Hearth.Kernels.MatMul;

namespace Hearth.Tests.Gguf;

public sealed class GgufGoldenTests
{
    public static TheoryData<string> Files()
    {
        string folder = Path.Combine(Golden.RepositoryRoot, "..", "shared", "golden");
        TheoryData<string> files = [];
        if (Directory.Exists(folder))
        {
            foreach (string file in Directory.EnumerateFiles(folder, "*.gguf", SearchOption.AllDirectories).Order())
            {
                files.Add(Path.GetRelativePath(folder, file));
            }
        }

        // Without golden data the one row is skipped, so that the theory does not pass silently.
        return files.Any() ? files : new TheoryData<string>("stories/stories260K.gguf");
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_golden_file_opens_and_its_tensors_lie_inside_it(string file)
    {
        string path = Golden.Path(file);
        using GgufFile gguf = GgufFile.Open(path);

        Assert.Equal(new FileInfo(path).Length, gguf.FileLength);
        Assert.NotNull(gguf.Metadata.GetString("general.architecture"));
        foreach (GgufTensor tensor in gguf.Tensors)
        {
            Assert.InRange(tensor.Offset + tensor.ByteLength, 1, gguf.FileLength);
            Assert.Equal(0, tensor.Offset % gguf.Alignment);
            Assert.Equal(TensorTypes.ByteSize(tensor.Type, tensor.Elements), gguf.Data(tensor).Length);
            if (tensor.Dimensions.Length > 3)
            {
                continue;
            }

            WeightMatrix matrix = tensor.Dimensions.Length > 2 ? gguf.Matrix(tensor, (int)tensor.Dimensions[2] - 1) : gguf.Matrix(tensor);
            Assert.Equal(tensor.Columns, matrix.Columns);
            Assert.True(gguf.Data(tensor).EndsWith(matrix.Row(matrix.Rows - 1)));
        }
    }

    [Fact]
    public void A_real_vocabulary_is_read()
    {
        using GgufFile gguf = GgufFile.Open(Golden.Path("vocab", "llama-spm.gguf"));

        Assert.Equal("llama", gguf.Metadata.GetString("tokenizer.ggml.model"));
        Assert.Equal(32000, gguf.Metadata.GetStrings("tokenizer.ggml.tokens")!.Count);
        Assert.Equal(32000, gguf.Metadata.GetFloats("tokenizer.ggml.scores")!.Length);
        Assert.Equal(3, gguf.Metadata.GetIntegers("tokenizer.ggml.token_type")![1]);
        Assert.Equal(1, gguf.Metadata.GetInteger("tokenizer.ggml.bos_token_id"));
        Assert.Null(gguf.Metadata.GetString("tokenizer.ggml.absent"));
        Assert.Empty(gguf.Tensors);
    }

    [Fact]
    public void Tensors_of_a_real_model_are_found_by_name()
    {
        using GgufFile gguf = GgufFile.Open(Golden.Path("stories", "stories260K.gguf"));

        GgufTensor embedding = gguf.Tensor("token_embd.weight");
        Assert.Equal([64, 512], embedding.Dimensions);
        Assert.Equal(512, gguf.Matrix(embedding).Rows);
        Assert.False(gguf.TryGetTensor("no.such.tensor", out _));
        Assert.Equal(GgufErrorKind.MissingTensor, Assert.Throws<GgufException>(() => gguf.Tensor("no.such.tensor")).Kind);
    }
}
