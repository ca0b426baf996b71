using Hearth.Engine.Gguf;
using Hearth.Kernels.Formats;

namespace Hearth.Tests.Gguf;

public sealed class GgufWriterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hearth-gguf-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_value_type_survives_a_round_trip()
    {
        GgufWriter writer = new GgufWriter()
            .Set("u8", (byte)255).Set("i8", (sbyte)-1).Set("u16", (ushort)65535).Set("i16", (short)-2)
            .Set("u32", uint.MaxValue).Set("i32", int.MinValue).Set("f32", 1.5f).Set("bool", true)
            .Set("str", "grüße 🙂").Set("u64", 1UL << 62).Set("i64", long.MinValue).Set("f64", Math.PI)
            .Set("au8", new byte[] { 1, 255 }).Set("ai8", new sbyte[] { -1, 1 })
            .Set("au16", new ushort[] { 65535 }).Set("ai16", new short[] { -3 })
            .Set("au32", new uint[] { 7, 8 }).Set("ai32", new[] { -7, 8 }).Set("af32", new[] { 0.5f, float.NaN })
            .Set("abool", new[] { true, false })
            .Set("astr", new[] { "a", "", "\udc80" }).Set("au64", new ulong[] { 9 }).Set("ai64", new long[] { -9, 1L << 40 })
            .Set("af64", new[] { 0.1 })
            .Set("aarr", new GgufValue[] { new[] { 1, 2 }, new[] { "x" } }).Set("empty", Array.Empty<int>());

        GgufMetadata read = RoundTrip(writer).Metadata;

        Assert.Equal(26, read.Count);
        Assert.Equal("u8", read.Keys.First());
        Assert.Equal(255, read.GetInteger("u8"));
        Assert.Equal(-1, read.GetInteger("i8"));
        Assert.Equal(65535, read.GetInteger("u16"));
        Assert.Equal(-2, read.GetInteger("i16"));
        Assert.Equal(uint.MaxValue, read.GetInteger("u32"));
        Assert.Equal(int.MinValue, read.GetInteger("i32"));
        Assert.Equal(1.5, read.GetFloat("f32"));
        Assert.True(read.GetBoolean("bool"));
        Assert.Equal("grüße 🙂", read.GetString("str"));
        Assert.Equal(1L << 62, read.GetInteger("u64"));
        Assert.Equal(long.MinValue, read.GetInteger("i64"));
        Assert.Equal(Math.PI, read.GetFloat("f64"));
        Assert.Equal([1, 255], read.GetIntegers("au8")!);
        Assert.Equal([-1, 1], read.GetIntegers("ai8")!);
        Assert.Equal([65535], read.GetIntegers("au16")!);
        Assert.Equal([-3], read.GetIntegers("ai16")!);
        Assert.Equal([7, 8], read.GetIntegers("au32")!);
        Assert.Equal([-7, 8], read.GetIntegers("ai32")!);
        Assert.Equal([0.5f, float.NaN], read.GetFloats("af32")!);
        Assert.Equal("[true, false]", read["abool"].ToString());
        Assert.Equal(["a", "", "\udc80"], read.GetStrings("astr")!);
        Assert.Equal([9], read.GetIntegers("au64")!);
        Assert.Throws<GgufException>(() => read.GetIntegers("ai64"));
        Assert.Equal([0.1f], read.GetFloats("af64")!);
        Assert.Equal("[[1, 2], [\"x\"]]", read["aarr"].ToString());
        Assert.Empty(read.GetIntegers("empty")!);
    }

    [Fact]
    public void Tensors_survive_a_round_trip_and_are_aligned()
    {
        float[] vector = [1, 2, 3];
        byte[] blocks = [.. Enumerable.Range(0, 34 * 2 * 3 * 2).Select(i => (byte)i)];
        string path = Path.Combine(_folder, "model.gguf");
        new GgufWriter().Set("general.alignment", 128u)
            .Add("vector", [3], vector)
            .Add("experts", TensorType.Q8_0, [64, 3, 2], blocks)
            .Save(path);

        using GgufFile file = GgufFile.Open(path);
        Assert.Equal(3u, file.Version);
        Assert.Equal(128, file.Alignment);
        Assert.Equal(["vector", "experts"], file.Tensors.Select(tensor => tensor.Name));
        Assert.All(file.Tensors, tensor => Assert.Equal(0, tensor.Offset % 128));
        Assert.Equal(System.Runtime.InteropServices.MemoryMarshal.AsBytes(vector.AsSpan()), file.Data(file.Tensor("vector")));
        Assert.Equal(1, file.Matrix(file.Tensor("vector")).Rows);
        GgufTensor experts = file.Tensor("experts");
        Assert.Equal([64, 3, 2], experts.Dimensions);
        Assert.Equal(blocks.AsSpan(68 * 4, 68), file.Matrix(experts, 1).Row(1));
        Assert.Equal(GgufErrorKind.WrongTensorShape, Assert.Throws<GgufException>(() => { file.Matrix(experts); }).Kind);
        Assert.Throws<ArgumentOutOfRangeException>(() => { file.Matrix(experts, 2); });
    }

    [Theory]
    [InlineData(11)]
    [InlineData(13)]
    public void A_callback_that_writes_another_number_of_bytes_leaves_no_file(int written)
    {
        string path = Path.Combine(_folder, "model.gguf");
        File.WriteAllText(path, "before");
        GgufWriter writer = new GgufWriter().Add("x", TensorType.F32, [3], stream => stream.Write(new byte[written]));

        Assert.Throws<InvalidOperationException>(() => writer.Save(path));

        Assert.Equal([path], Directory.GetFiles(_folder));
        Assert.Equal("before", File.ReadAllText(path));
    }

    [Fact]
    public void A_file_that_appears_meanwhile_is_kept_unless_it_may_be_replaced()
    {
        string path = Path.Combine(_folder, "model.gguf");
        GgufWriter writer = new GgufWriter().Add("x", TensorType.F32, [1], stream =>
        {
            File.WriteAllText(path, "before");
            stream.Write(new byte[4]);
        });

        Assert.Throws<IOException>(() => writer.Save(path, overwrite: false));

        Assert.Equal([path], Directory.GetFiles(_folder));
        Assert.Equal("before", File.ReadAllText(path));
        writer.Save(path);
        Assert.NotEqual(6, new FileInfo(path).Length);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named()
    {
        string path = Path.Combine(_folder, "absent", "model.gguf");

        Assert.Contains(path, Assert.Throws<DirectoryNotFoundException>(() => new GgufWriter().Save(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_reader_would_refuse_is_refused()
    {
        GgufWriter writer = new GgufWriter().Add("x", [1], [1f]);

        Assert.Throws<ArgumentException>(() => writer.Add("x", [1], [1f]));
        Assert.Throws<ArgumentException>(() => writer.Add("y", TensorType.Q4_0, [33], new byte[18]));
        Assert.Throws<ArgumentException>(() => writer.Add("y", [1, 1, 1, 1, 1], [1f]));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Add("y", [0], []));
        Assert.Throws<ArgumentException>(() => writer.Set("", 1));
        Assert.Throws<ArgumentException>(() => writer.Set("general.alignment", 48u));
        Assert.Throws<ArgumentException>(() => (GgufValue)new GgufValue[] { 1 });
    }

    private static GgufHeader RoundTrip(GgufWriter writer)
    {
        using MemoryStream stream = new();
        writer.WriteTo(stream);
        return GgufHeader.Parse(stream.ToArray(), stream.Length);
    }
}
