using System.Buffers.Binary;
using System.Text;
using Hearth.Engine.Conversion.Safetensors;

namespace Hearth.Engine.Tests.Conversion;

/// <summary>Safetensors files, sound and hostile.</summary>
public sealed class SafetensorsFileTests
{
    [Fact]
    public void Tensors_AreReadWithTheirData()
    {
        using TestFolder folder = new();
        folder.WriteTensors([new TestTensor("a", "F32", [2, 3], [1, 2, 3, 4, 5, 6]), new TestTensor("b", "BF16", [2], [7, 8])]);

        using SafetensorsFile file = SafetensorsFile.Open(folder.Combine("model.safetensors"));

        Assert.Equal(["a", "b"], file.Tensors.Select(tensor => tensor.Name));
        Assert.Equal([2L, 3L], file.Tensors[0].Shape);
        Assert.Equal(5f, BinaryPrimitives.ReadSingleLittleEndian(file.Data(file.Tensors[0], 16, 4)));
        Assert.Equal([0xE0, 0x40, 0x00, 0x41], file.Data(file.Tensors[1], 0, 4).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Data(file.Tensors[1], 2, 4).Length);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""",
        SafetensorsErrorKind.TensorLayout)]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", SafetensorsErrorKind.TensorLayout)]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", SafetensorsErrorKind.TensorLayout)]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", SafetensorsErrorKind.TensorOutOfBounds)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", SafetensorsErrorKind.TensorOutOfBounds)]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}""", SafetensorsErrorKind.TensorOutOfBounds)]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,8]}}""",
        SafetensorsErrorKind.TensorOutOfBounds)]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,8]}}""",
        SafetensorsErrorKind.TensorOutOfBounds)]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]}}""", SafetensorsErrorKind.HeaderSyntax)]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", SafetensorsErrorKind.HeaderSyntax)]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}""", SafetensorsErrorKind.HeaderSyntax)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}}""", SafetensorsErrorKind.HeaderSyntax)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", SafetensorsErrorKind.InvalidTensor)]
    [InlineData("""{"a":{"dtype":"X9","shape":[2],"data_offsets":[0,8]}}""", SafetensorsErrorKind.InvalidTensor)]
    [InlineData("""{"a":{"dtype":32,"shape":[2],"data_offsets":[0,8]}}""", SafetensorsErrorKind.HeaderSyntax)]
    [InlineData("""{"a":{"shape":[2],"data_offsets":[0,8]}}""", SafetensorsErrorKind.InvalidTensor)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""",
        SafetensorsErrorKind.HeaderSyntax)]
    [InlineData("""{"a":[]}""", SafetensorsErrorKind.HeaderSyntax)]
    [InlineData("""[]""", SafetensorsErrorKind.HeaderSyntax)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""", SafetensorsErrorKind.HeaderSyntax)]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}x""", SafetensorsErrorKind.HeaderSyntax)]
    [InlineData("""{"a":{"dtype":"F32","shape":[[[[[2]]]]],"data_offsets":[0,8]}}""", SafetensorsErrorKind.HeaderSyntax)]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", SafetensorsErrorKind.HeaderSyntax)]
    public void Header_ThatCannotBe_IsAnErrorOfItsKind(string header, SafetensorsErrorKind kind)
    {
        using TestFolder folder = new();

        Assert.Equal(kind, Error(folder, TestFolder.Safetensors(header, new byte[8])).Kind);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(60)]
    public void FileThatEndsEarly_IsAnError(int length)
    {
        using TestFolder folder = new();
        byte[] whole = TestFolder.Safetensors([new TestTensor("a", "F32", [2, 3], [1, 2, 3, 4, 5, 6])]);

        Assert.True(Error(folder, whole[..length]).Kind is SafetensorsErrorKind.HeaderLength or SafetensorsErrorKind.Unreadable);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData(200_000_000UL)]
    public void HeaderLength_BeyondTheFileOrTheLimit_IsAnError(ulong length)
    {
        using TestFolder folder = new();
        byte[] bytes = new byte[64];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);

        Assert.Equal(SafetensorsErrorKind.HeaderLength, Error(folder, bytes).Kind);
    }

    [Fact]
    public void DeepJson_InTheMetadata_IsAnError()
    {
        using TestFolder folder = new();
        string deep = string.Concat(Enumerable.Repeat("[", 100_000));

        Assert.Equal(SafetensorsErrorKind.HeaderSyntax,
            Error(folder, TestFolder.Safetensors("{\"__metadata__\":" + deep, new byte[8])).Kind);
    }

    [Fact]
    public void MutatedHeaders_AreReadOrRefused()
    {
        using TestFolder folder = new();
        byte[] sound = TestFolder.Safetensors(
            [new TestTensor("a", "F32", [2, 3], [1, 2, 3, 4, 5, 6]),
                new TestTensor("b", "F16", [4], [1, 2, 3, 4]), new TestTensor("c", "BF16", [1, 1], [1])]);
        byte[] interesting = Encoding.ASCII.GetBytes("{}[],:\"\\09-e.F1u\0\xFF");
        Random random = new(11);
        int refused = 0;
        for (int i = 0; i < 1500; i++)
        {
            byte[] bytes = [.. sound];
            int changes = random.Next(1, 5);
            for (int change = 0; change < changes; change++)
            {
                bytes[random.Next(bytes.Length - 30)] = random.Next(2) == 0
                    ? interesting[random.Next(interesting.Length)] : (byte)random.Next(256);
            }

            folder.Write("model.safetensors", bytes);
            try
            {
                using SafetensorsFile file = SafetensorsFile.Open(folder.Combine("model.safetensors"));
                Assert.All(file.Tensors, tensor => Assert.Equal(tensor.Length, file.Data(tensor, 0, (int)tensor.Length).Length));
            }
            catch (SafetensorsException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 500, 1499);
    }

    private static SafetensorsException Error(TestFolder folder, byte[] bytes)
    {
        folder.Write("model.safetensors", bytes);
        return Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(folder.Combine("model.safetensors")).Dispose());
    }
}
