using Hearth.Engine.Gguf;
using Hearth.Kernels.Formats;

namespace Hearth.Tests.Gguf;

public sealed class GgufFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hearth-gguf-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_missing_file_is_named()
    {
        Refused(In("absent.gguf"), GgufErrorKind.FileNotFound, $"'{In("absent.gguf")}' does not exist; give the path of a .gguf file.");
        Refused(In("absent/absent.gguf"), GgufErrorKind.FileNotFound, "does not exist");
    }

    [Fact]
    public void A_folder_is_not_a_file() =>
        Refused(_folder, GgufErrorKind.IsFolder, $"'{_folder}' is a folder; give the path of a .gguf file.");

    [Fact]
    public void An_empty_file_is_named()
    {
        File.WriteAllBytes(In("empty.gguf"), []);

        Refused(In("empty.gguf"), GgufErrorKind.EmptyFile, "'" + In("empty.gguf") + "' is empty (0 bytes)");
    }

    [Fact]
    public void A_file_of_another_kind_is_named()
    {
        File.WriteAllText(In("readme.txt"), "Read me first.\n");

        Refused(
            In("readme.txt"), GgufErrorKind.NotGguf, $"'{In("readme.txt")}': This is not a GGUF file: it begins with \"Read me first..\"");
    }

    [Fact]
    public void A_file_that_may_not_be_read_is_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.UserName == "root", "Needs Unix permissions and a user whom they bind.");
        File.WriteAllText(In("secret.gguf"), "GGUF");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(In("secret.gguf"), UnixFileMode.None);
        }

        Refused(In("secret.gguf"), GgufErrorKind.AccessDenied, "may not be read");
    }

    [Fact]
    public void A_huge_file_with_a_lying_header_is_refused()
    {
        using (FileStream stream = File.Create(In("huge.gguf")))
        {
            stream.Write(new GgufBytes(pairs: 1).Array("k", GgufValueType.U8, 1UL << 40).ToArray());
            stream.SetLength(5L << 30);
        }

        Refused(In("huge.gguf"), GgufErrorKind.CountTooLarge, "1099511627776 array items");
    }

    [Fact]
    public void The_first_part_opens_all_parts()
    {
        string[] parts = Split("model", count: 3, total: 3);

        using GgufFile file = GgufFile.Open(parts[0]);

        Assert.Equal(3, file.PartCount);
        Assert.Equal(parts.Sum(part => new FileInfo(part).Length), file.FileLength);
        Assert.Equal(["t0", "t1", "t2"], file.Tensors.Select(tensor => tensor.Name));
        Assert.Equal([0, 1, 2], file.Tensors.Select(tensor => tensor.Part));
        Assert.Equal("llama", file.Metadata.GetString("general.architecture"));
        Assert.Equal([2f, 2.5f], file.ReadFloats(file.Tensor("t2")));
    }

    [Fact]
    public void Parts_with_names_of_their_own_are_opened_in_order()
    {
        string[] parts = Split("model", count: 2, total: 2);
        File.Move(parts[0], In("sha256-a"));
        File.Move(parts[1], In("sha256-b"));

        using (GgufFile file = GgufFile.Open([In("sha256-a"), In("sha256-b")]))
        {
            Assert.Equal([1f, 1.5f], file.ReadFloats(file.Tensor("t1")));
        }

        Refused([In("sha256-b"), In("sha256-a")], GgufErrorKind.SplitMismatch, "is part 2 of 2, but part 1 of 2 was expected");
        Refused([In("sha256-a")], GgufErrorKind.SplitMismatch, "is part 1 of 2, but part 1 of 1 was expected");
        Refused(In("sha256-a"), GgufErrorKind.SplitMismatch, "its name does not end in -00001-of-00002.gguf");
    }

    [Fact]
    public void Another_part_than_the_first_names_the_first()
    {
        string[] parts = Split("model", count: 2, total: 2);

        Refused(parts[1], GgufErrorKind.SplitMismatch, $"is part 2 of 2; open the first part, '{parts[0]}'");
    }

    [Fact]
    public void A_missing_part_is_named()
    {
        string[] parts = Split("model", count: 3, total: 3);
        File.Delete(parts[1]);

        Refused(parts[0], GgufErrorKind.SplitPartMissing, $"Part 2 of 3 of this model is not there: '{parts[1]}'");
    }

    [Fact]
    public void A_part_of_another_model_is_named()
    {
        string[] parts = Split("model", count: 2, total: 2);
        string[] others = Split("other", count: 3, total: 3);
        File.Copy(others[1], parts[1], overwrite: true);

        Refused(parts[0], GgufErrorKind.SplitMismatch, $"'{parts[1]}' is part 2 of 3, but part 2 of 2 was expected");
    }

    [Fact]
    public void A_wrong_number_of_tensors_is_an_error()
    {
        string[] parts = Split("model", count: 2, total: 5);

        Refused(parts[0], GgufErrorKind.SplitMismatch, "the model has 5 tensors, but its 2 parts have 2");
    }

    [Fact]
    public void A_tensor_in_two_parts_is_an_error()
    {
        string[] parts = Split("model", count: 2, total: 2, name: _ => "same");

        Refused(parts[0], GgufErrorKind.DuplicateTensor, $"'{parts[1]}': There are two tensors named 'same'");
    }

    [Fact]
    public void An_impossible_part_number_is_an_error()
    {
        new GgufWriter().Set("split.no", (ushort)2).Set("split.count", (ushort)2).Save(In("x-00001-of-00002.gguf"));

        Refused(In("x-00001-of-00002.gguf"), GgufErrorKind.SplitMismatch, "part 2 (counted from 0) of 2, which cannot be");
    }

    [Fact]
    public void Quantised_tensors_are_read_as_floats()
    {
        float[] values = [.. Enumerable.Range(0, 128).Select(i => i - 64f)];
        byte[] blocks = new byte[TensorTypes.ByteSize(TensorType.Q8_0, values.Length)];
        BlockCodec.Encode(TensorType.Q8_0, values, blocks);
        float[] expected = new float[values.Length];
        BlockCodec.Decode(TensorType.Q8_0, blocks, expected);
        new GgufWriter().Add("q", TensorType.Q8_0, [32, 4], blocks).Add("i", TensorType.I32, [1], new byte[4]).Save(In("q.gguf"));

        using GgufFile file = GgufFile.Open(In("q.gguf"));

        Assert.Equal(expected, file.ReadFloats(file.Tensor("q")));
        Assert.Equal(GgufErrorKind.WrongTensorShape, Assert.Throws<GgufException>(() => file.ReadFloats(file.Tensor("i"))).Kind);
    }

    [Fact]
    public void A_disposed_file_gives_no_views()
    {
        new GgufWriter().Add("x", [1], [1f]).Save(In("x.gguf"));
        GgufFile file = GgufFile.Open(In("x.gguf"));
        GgufTensor tensor = file.Tensor("x");
        file.Dispose();

        Assert.Throws<ObjectDisposedException>(() => { file.Data(tensor); });
        Assert.Throws<ObjectDisposedException>(() => { file.Matrix(tensor); });
    }

    private static void Refused(string path, GgufErrorKind kind, string message) => Refused(() => GgufFile.Open(path), kind, message);

    private static void Refused(string[] paths, GgufErrorKind kind, string message) => Refused(() => GgufFile.Open(paths), kind, message);

    private static void Refused(Func<GgufFile> open, GgufErrorKind kind, string message)
    {
        GgufException exception = Assert.Throws<GgufException>(open);
        Assert.Equal(kind, exception.Kind);
        Assert.NotNull(exception.Path);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    private string In(string name) => Path.Combine(_folder, name);

    private string[] Split(string stem, int count, int total, Func<int, string>? name = null) =>
    [
        .. Enumerable.Range(0, count).Select(part =>
        {
            string path = In($"{stem}-{part + 1:D5}-of-{count:D5}.gguf");
            GgufWriter writer = new GgufWriter()
                .Set("split.no", (ushort)part).Set("split.count", (ushort)count).Set("split.tensors.count", total)
                .Add(name?.Invoke(part) ?? $"t{part}", [2], [part, part + 0.5f]);
            (part == 0 ? writer.Set("general.architecture", "llama") : writer).Save(path);
            return path;
        }),
    ];
}
