using System.Buffers.Binary;
using System.Text;
using Hearth.Store.Packaging;

namespace Hearth.Store.Tests.Packaging;

/// <summary>GGUF files without tensors, whose metadata are texts, and a reader of them.</summary>
internal static class TestGguf
{
    private const uint TextType = 8;
    private static readonly string[] s_model = ["general.architecture", "test"];

    /// <summary>A file with <c>general.architecture</c> <c>test</c> and more entries: keys and values in turn.</summary>
    public static byte[] Build(params string[] entries)
    {
        List<byte> bytes = [.. "GGUF"u8];
        string[] all = entries.Contains(s_model[0]) ? entries : [.. s_model, .. entries];
        AddNumber(bytes, 3, 4);
        AddNumber(bytes, 0, 8);
        AddNumber(bytes, all.Length / 2, 8);
        for (int index = 0; index < all.Length; index += 2)
        {
            AddText(bytes, all[index]);
            AddNumber(bytes, TextType, 4);
            AddText(bytes, all[index + 1]);
        }

        return [.. bytes];
    }

    /// <summary>Reads such files; of a first part, the others that are named like it as well.</summary>
    public static GgufFacts Read(IReadOnlyList<string> paths)
    {
        string[] all = paths is [string first] && first.Contains("-00001-of-", StringComparison.Ordinal)
            ? [.. Enumerable.Range(1, int.Parse(first[^10..^5])).Select(part => first.Replace("-00001-of-", $"-{part:D5}-of-", StringComparison.Ordinal))]
            : [.. paths];
        Dictionary<string, string> entries = ReadEntries(File.ReadAllBytes(all[0]));
        return new GgufFacts
        {
            Paths = all,
            Type = entries.GetValueOrDefault("general.type", "model"),
            Architecture = entries.GetValueOrDefault("general.architecture"),
            FileType = entries.GetValueOrDefault("file_type"),
            Parameters = long.Parse(entries.GetValueOrDefault("parameters", "0")),
            Bytes = all.Sum(path => new FileInfo(path).Length),
            Metadata = entries,
        };
    }

    private static Dictionary<string, string> ReadEntries(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith("GGUF"u8))
        {
            throw new InvalidDataException("It is no GGUF file.");
        }

        int offset = 24;
        Dictionary<string, string> entries = [];
        for (long count = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]); count > 0; count--)
        {
            string key = ReadText(bytes, ref offset);
            offset += 4;
            entries[key] = ReadText(bytes, ref offset);
        }

        return entries;
    }

    private static string ReadText(ReadOnlySpan<byte> bytes, ref int offset)
    {
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes[offset..]);
        string text = Encoding.UTF8.GetString(bytes.Slice(offset + 8, length));
        offset += 8 + length;
        return text;
    }

    private static void AddText(List<byte> bytes, string text)
    {
        AddNumber(bytes, Encoding.UTF8.GetByteCount(text), 8);
        bytes.AddRange(Encoding.UTF8.GetBytes(text));
    }

    private static void AddNumber(List<byte> bytes, long value, int length)
    {
        byte[] number = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, value);
        bytes.AddRange(number[..length]);
    }
}
