using System.Buffers.Binary;
using System.Text;
using Hearth.Store.Packaging;

namespace Hearth.Store.Tests.Fakes;

/// <summary>Small GGUF files without tensors, and a reader that knows just them.</summary>
internal static class TestGguf
{
    private const uint StringType = 8;

    /// <summary>A file with a type of its own, and bytes that follow the header.</summary>
    public static byte[] Make(string type = "model", int padding = 0, int seed = 1)
    {
        using MemoryStream file = new();
        using BinaryWriter writer = new(file);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write(0ul);
        writer.Write(2ul);
        WriteString(writer, "general.type", type);
        WriteString(writer, "general.architecture", "test");
        writer.Write(FakeModel.Content(padding, seed));
        return file.ToArray();

        static void WriteString(BinaryWriter writer, string key, string value)
        {
            writer.Write((ulong)key.Length);
            writer.Write(Encoding.UTF8.GetBytes(key));
            writer.Write(StringType);
            writer.Write((ulong)value.Length);
            writer.Write(Encoding.UTF8.GetBytes(value));
        }
    }

    /// <summary>Reads what <see cref="Make"/> has written.</summary>
    public static GgufFacts Read(IReadOnlyList<string> paths)
    {
        byte[] bytes = File.ReadAllBytes(paths[0]);
        if (!bytes.AsSpan().StartsWith("GGUF"u8))
        {
            throw new InvalidDataException("no GGUF magic");
        }

        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(24 + 8 + "general.type".Length + 4));
        return new GgufFacts
        {
            Paths = paths,
            Type = Encoding.UTF8.GetString(bytes, 24 + 8 + "general.type".Length + 4 + 8, length),
            Architecture = "test",
            Parameters = 1_000_000,
            FileType = "Q4_K_M",
            Bytes = paths.Sum(path => new FileInfo(path).Length),
        };
    }
}
