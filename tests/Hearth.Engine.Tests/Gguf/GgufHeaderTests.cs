using Hearth.Engine.Gguf;
using Hearth.Kernels.Formats;
using static Hearth.Engine.Gguf.GgufErrorKind;

namespace Hearth.Tests.Gguf;

public sealed class GgufHeaderTests
{
    private const uint F32 = (uint)TensorType.F32;

    /// <summary>For each cause: bytes that have it, and what the message must say.</summary>
    private static readonly Dictionary<string, (Func<GgufBytes> Bytes, GgufErrorKind Kind, string Message)> s_wrong = new()
    {
        ["version 1"] = (() => new GgufBytes(version: 1), UnsupportedVersion, "GGUF version 1 is not supported; versions 2 and 3 are."),
        ["version 4"] = (() => new GgufBytes(version: 4), UnsupportedVersion, "GGUF version 4"),
        ["version 0"] = (() => new GgufBytes(version: 0), UnsupportedVersion, "GGUF version 0"),
        ["big-endian"] = (() => new GgufBytes(version: 0x03000000), BigEndian, "big-endian"),
        ["tensor count"] = (() => new GgufBytes(tensors: ulong.MaxValue), CountTooLarge, "18446744073709551615 tensors at byte 8"),
        ["pair count"] = (() => new GgufBytes(pairs: 1UL << 60), CountTooLarge, "1152921504606846976 metadata entries at byte 16"),
        ["no pair"] = (() => new GgufBytes(pairs: 1).Text("a").Raw([4, 0, 0, 0, 0]), Truncated, "needs 4 bytes and 1 are left"),
        ["key length"] = (() => Pair().U64(1UL << 63).U64(0), CountTooLarge, "bytes of a metadata key at byte 24"),
        ["empty key"] = (() => Pair().Text("").U32(0).U32(0), InvalidKey, "is empty"),
        ["long key"] = (() => Pair().Text(new string('k', 65536)).U32(0).U8(0), InvalidKey, "is 65536 bytes long; the limit is 65535"),
        ["key encoding"] = (() => Pair().Text([0x61, 0xFF, 0x61, 0x61]).U32(0).U8(0), InvalidKey, "is not valid UTF-8"),
        ["same key"] = (() =>
            new GgufBytes(pairs: 2).Key("k", GgufValueType.U8).U8(1).Key("k", GgufValueType.U8).U8(1), DuplicateKey, "'k' twice"),
        ["value type"] = (() => Pair().Text("key").U32(13).U64(0), UnknownValueType, "'key' has the value type 13 at byte 35"),
        ["item type"] = (() => Pair().Array("key", (GgufValueType)99, 0), UnknownValueType, "the value type 99"),
        ["boolean"] = (() => Pair().Key("flag", GgufValueType.Boolean).U8(2), InvalidBoolean, "a boolean of value 2"),
        ["boolean item"] = (() => Pair().Array("flags", GgufValueType.Boolean, 2).U8(1).U8(3), InvalidBoolean, "a boolean of value 3"),
        ["text length"] = (() => Pair().Key("k", GgufValueType.Text).U64(100).U8(0), CountTooLarge, "100 bytes of a text value"),
        ["item count"] = (() => Pair().Array("k", GgufValueType.F64, ulong.MaxValue / 4).U64(0), CountTooLarge, "array items"),
        ["text count"] = (() => Pair().Array("k", GgufValueType.Text, 3).U64(0).U64(0), CountTooLarge, "3 array items"),
        ["array count"] = (() => Pair().Array("k", GgufValueType.Sequence, 3).U64(0).U64(0), CountTooLarge, "3 array items"),
        ["short number"] = (() => Pair().Key("kk", GgufValueType.U64).U32(0), Truncated, "needs 8 bytes and 4 are left"),
        ["depth"] = (() => Nested(depth: 9), NestingTooDeep, "'deep' nests arrays deeper than 8 levels"),
        ["alignment 0"] = (() => Pair().Key("general.alignment", GgufValueType.U32).U32(0), InvalidAlignment, "general.alignment is u32 0"),
        ["alignment 48"] = (() => Pair().Key("general.alignment", GgufValueType.U32).U32(48), InvalidAlignment, "is u32 48"),
        ["alignment 2^31"] = (() => Pair().Key("general.alignment", GgufValueType.U32).U32(1U << 31), InvalidAlignment, "2147483648"),
        ["alignment text"] = (() => Pair().Key("general.alignment", GgufValueType.Text).Text("32"), InvalidAlignment, "is str 32"),
        ["tensor name"] = (() => Tensor("", F32, 0, 1), InvalidTensorName, "is empty"),
        ["long tensor name"] = (() => Tensor(new string('t', 1025), F32, 0, 1), InvalidTensorName, "is 1025 bytes long; the limit is 1024"),
        ["tensor name encoding"] = (() => new GgufBytes(tensors: 1).Text([0xC0, 0x80]).Data(64), InvalidTensorName, "not valid UTF-8"),
        ["same tensor"] = (() =>
            new GgufBytes(tensors: 2).Tensor("t", F32, 0, 1).Tensor("t", F32, 32, 1).Data(64), DuplicateTensor, "named 't'"),
        ["five dimensions"] = (() => Tensor("t", F32, 0, 1, 1, 1, 1, 1), InvalidDimensions, "'t' has 5 dimensions; 1 to 4 are possible"),
        ["no length"] = (() => Tensor("t", F32, 0, 4, 0), InvalidDimensions, "'t' has the length 0 along axis 1"),
        ["length 2^63"] = (() => Tensor("t", F32, 0, 1UL << 63), InvalidDimensions, "9223372036854775808 along axis 0"),
        ["product 2^64"] = (() => Tensor("t", F32, 0, 1UL << 32, 1UL << 32), InvalidDimensions, "along axis 1"),
        ["tensor type"] = (() => Tensor("t", 1000, 0, 32), UnknownTensorType, "'t' has the type 1000"),
        ["Q4_2"] = (() => Tensor("t", 4, 0, 32), RetiredTensorType, "the type 4 (Q4_2)"),
        ["Q4_0_4_4"] = (() => Tensor("t", 31, 0, 32), RetiredTensorType, "the type 31"),
        ["IQ4_NL_4_4"] = (() => Tensor("t", 36, 0, 32), RetiredTensorType, "the type 36"),
        ["partial block"] = (() => Tensor("t", (uint)TensorType.Q4_K, 0, 128, 2),
            PartialBlock, "rows of 128 elements, not a multiple of Q4_K's block of 256"),
        ["misaligned"] = (() => Tensor("t", F32, 16, 4), TensorMisaligned, "data offset 16, not a multiple of the alignment 32"),
        ["past the end"] = (() => Tensor("t", F32, 0, 1000), TensorOutOfBounds, "needs bytes 64 to 4064, but the file has 192"),
        ["offset past the end"] = (() => Tensor("t", F32, ulong.MaxValue - 31, 1), TensorOutOfBounds, "but the file has 192"),
        ["2^62 elements"] = (() => Tensor("t", F32, 0, 1UL << 62), TensorOutOfBounds, "needs bytes 64 to 18446744073709551680"),
        ["overlap"] = (() =>
            new GgufBytes(tensors: 2).Tensor("a", F32, 0, 16).Tensor("b", F32, 32, 1).Data(128),
            TensorsOverlap, "'a' and 'b' overlap at byte"),
    };

    public static TheoryData<string> Wrong => [.. s_wrong.Keys];

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Each_wrong_header_has_its_own_error(string cause)
    {
        (Func<GgufBytes> bytes, GgufErrorKind kind, string message) = s_wrong[cause];

        GgufException exception = Assert.Throws<GgufException>(() => bytes().Parse());

        Assert.Equal(kind, exception.Kind);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GGU", "begins with \"GGU\"")]
    [InlineData("{\"json\": true}", "begins with \"{.json.: true}\"")]
    [InlineData("version https://git-lfs.github.com/spec/v1", "Git LFS pointer")]
    [InlineData("<!DOCTYPE html><html>", "a web page")]
    [InlineData("PK\u0003\u0004archive", "a zip archive or PyTorch checkpoint")]
    [InlineData("tjgg\u0001\0\0\0", "from before GGUF")]
    [InlineData("\u0010\u0001\0\0\0\0\0\0{\"tensor\"", "a safetensors header")]
    public void Files_of_other_kinds_are_named(string content, string message)
    {
        byte[] bytes = System.Text.Encoding.Latin1.GetBytes(content);

        GgufException exception = Assert.Throws<GgufException>(() => GgufHeader.Parse(bytes, bytes.Length));

        Assert.Equal(NotGguf, exception.Kind);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2u)]
    [InlineData(3u)]
    public void Versions_2_and_3_are_read(uint version)
    {
        GgufHeader header = new GgufBytes(version, tensors: 2, pairs: 3)
            .Key("general.architecture", GgufValueType.Text).Text("llama")
            .Key("general.alignment", GgufValueType.U32).U32(64)
            .Array("list", GgufValueType.Sequence, 2)
            .U32((uint)GgufValueType.U16).U64(2).U16(1).U16(2)
            .U32((uint)GgufValueType.Text).U64(1).Text("x")
            .Tensor("scalar", F32, 0)
            .Tensor("matrix", (uint)TensorType.Q8_0, 64, 64, 2)
            .Data(64 + 136, 64).Parse();

        Assert.Equal(version, header.Version);
        Assert.Equal("llama", header.Metadata.GetString("general.architecture"));
        Assert.Equal("[[1, 2], [\"x\"]]", header.Metadata["list"].ToString());
        Assert.Equal(64, header.Alignment);
        Assert.Equal(0, header.DataOffset % 64);
        Assert.Equal([1], header.Tensors[0].Dimensions);
        Assert.Equal(4, header.Tensors[0].ByteLength);
        Assert.Equal(TensorType.Q8_0, header.Tensors[1].Type);
        Assert.Equal(header.DataOffset + 64, header.Tensors[1].Offset);
        Assert.Equal(136, header.Tensors[1].ByteLength);
    }

    [Fact]
    public void Every_truncation_of_a_header_is_an_error()
    {
        byte[] bytes = new GgufBytes(tensors: 1, pairs: 2)
            .Key("text", GgufValueType.Text).Text("value").Array("items", GgufValueType.I32, 2).U32(1).U32(2)
            .Tensor("t", F32, 0, 8).Data(32).ToArray();
        Assert.Single(GgufHeader.Parse(bytes, bytes.Length).Tensors);

        for (int length = 0; length < bytes.Length; length++)
        {
            byte[] truncated = bytes[..length];
            Assert.Throws<GgufException>(() => GgufHeader.Parse(truncated, truncated.Length));
        }
    }

    [Fact]
    public void A_value_of_another_type_is_an_error_that_says_so()
    {
        GgufMetadata metadata = GgufMetadata.FromPairs([new("text", "abc"), new("list", new[] { 1L << 40 }), new("big", ulong.MaxValue)]);

        GgufException exception = Assert.Throws<GgufException>(() => metadata.GetInteger("text"));
        Assert.Equal(WrongValueType, exception.Kind);
        Assert.Equal("text", exception.Subject);
        Assert.Equal("The metadata key 'text' must be an integer, but it is str (abc).", exception.Message);
        Assert.Throws<GgufException>(() => metadata.GetInteger("big"));
        Assert.Throws<GgufException>(() => metadata.GetIntegers("list"));
        Assert.Throws<GgufException>(() => metadata.GetFloat("text"));
        Assert.Throws<GgufException>(() => metadata.GetBoolean("text"));
        Assert.Throws<GgufException>(() => metadata.GetFloats("text"));
        Assert.Throws<GgufException>(() => metadata.GetStrings("list"));
        Assert.Throws<GgufException>(() => metadata.GetString("list"));
        Assert.Equal(MissingKey, Assert.Throws<GgufException>(() => metadata["absent"]).Kind);
        Assert.Equal(DuplicateKey, Assert.Throws<GgufException>(() => GgufMetadata.FromPairs([new("a", 1), new("a", 2)])).Kind);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_come_back_as_they_were()
    {
        byte[] bytes = [0x61, 0xFF, 0xC3, 0xA9, 0xC3, 0xE2, 0x82, 0xED, 0xB2, 0x80, 0x62];

        string text = GgufText.Decode(bytes);

        Assert.Equal("a\udcffé\udcc3\udce2\udc82\udced\udcb2\udc80b", text);
        Assert.Equal(bytes, GgufText.Encode(text));
    }

    private static GgufBytes Nested(int depth)
    {
        GgufBytes bytes = Pair().Key("deep", GgufValueType.Sequence);
        for (int level = 1; level < depth; level++)
        {
            bytes.U32((uint)GgufValueType.Sequence).U64(1);
        }

        return bytes.U32((uint)GgufValueType.U8).U64(0);
    }

    private static GgufBytes Pair() => new(pairs: 1);

    private static GgufBytes Tensor(string name, uint type, ulong offset, params ReadOnlySpan<ulong> dimensions) =>
        new GgufBytes(tensors: 1).Tensor(name, type, offset, dimensions).Data(128);
}
