using System.Buffers.Binary;
using System.Text;
using Hearth.Engine.Gguf;
using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Tests.Tokenization;

public sealed class CharacterMapTests
{
    private static readonly byte[] s_map = CharacterMapBuilder.Build(("ab", "x"), ("abcd", "yy"), ("é", "e"), ("\n", ""), ("z", "zzz"));

    [Theory]
    [InlineData("abc", 2, "x")]
    [InlineData("abcde", 4, "yy")]
    [InlineData("é", 2, "e")]
    [InlineData("\n\n", 1, "")]
    [InlineData("a", 0, "")]
    [InlineData("è", 0, "")]
    [InlineData("", 0, "")]
    [InlineData("\0", 0, "")]
    public void The_longest_string_is_found(string text, int expectedLength, string expected)
    {
        long steps = 0;
        ReadOnlySpan<byte> found = CharacterMap.Parse(s_map).Match(Encoding.UTF8.GetBytes(text), out int length, ref steps);
        Assert.Equal(expectedLength, length);
        Assert.Equal(expected, Encoding.UTF8.GetString(found));
    }

    [Fact]
    public void Many_strings_are_found_as_they_were_put_in()
    {
        Random random = new(3);
        Dictionary<string, string> rules = [];
        while (rules.Count < 2000)
        {
            rules[string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => (char)random.Next(1, 0x500)))] = $"{rules.Count}";
        }

        CharacterMap map = CharacterMap.Parse(CharacterMapBuilder.Build([.. rules.Select(rule => (rule.Key, rule.Value))]));
        foreach ((string from, string to) in rules)
        {
            long steps = 0;
            byte[] bytes = Encoding.UTF8.GetBytes(from);
            Assert.Equal(to, Encoding.UTF8.GetString(map.Match(bytes, out int length, ref steps)));
            Assert.Equal(bytes.Length, length);
        }
    }

    public static TheoryData<string> Broken() =>
    [
        "nothing", "no units", "units without replacements", "odd length", "unterminated", "child outside", "replacement outside",
        "endless", "long string", "too large",
    ];

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_map_is_a_typed_error(string what)
    {
        byte[] map = [.. s_map];
        Span<byte> units = map.AsSpan(sizeof(uint));
        int unitBytes = BinaryPrimitives.ReadInt32LittleEndian(map);
        switch (what)
        {
            case "nothing": map = [0, 0, 0, 0]; break;
            case "no units": map = [0, 0, 0, 0, 0]; break;
            case "units without replacements": map = map[..(unitBytes + sizeof(uint))]; break;
            case "odd length": map[0]++; break;
            case "unterminated": map[^1] = 1; break;
            case "child outside": BinaryPrimitives.WriteUInt32LittleEndian(units, 0x7FFFFC00); break;
            case "replacement outside":
                for (int i = 0; i < unitBytes; i += sizeof(uint))
                {
                    map[sizeof(uint) + i + 2] |= (byte)(map[sizeof(uint) + i + 3] >= 0x80 ? 0xFF : 0);
                }

                break;
            case "endless": map = Cycle(); break;
            case "long string": map = CharacterMapBuilder.Build((new string('a', CharacterMap.MaxKeyBytes + 1), "b")); break;
            default: map = new byte[CharacterMap.MaxBytes + 1]; break;
        }

        Assert.Equal(TokenizerErrorKind.CharacterMap, Assert.Throws<TokenizerException>(() => CharacterMap.Parse(map)).Kind);
    }

    [Fact]
    public void A_string_of_the_most_bytes_is_read() =>
        CharacterMap.Parse(CharacterMapBuilder.Build((new string('a', CharacterMap.MaxKeyBytes), "b")));

    [Fact]
    public void A_map_of_another_type_is_a_typed_error()
    {
        GgufMetadata metadata = GgufMetadata.FromPairs([new("tokenizer.ggml.precompiled_charsmap", "text")]);
        Assert.Equal(TokenizerErrorKind.CharacterMap, Assert.Throws<TokenizerException>(() => CharacterMap.Read(metadata)).Kind);
        Assert.Null(CharacterMap.Read(GgufMetadata.Empty));
        Assert.Null(CharacterMap.Read(GgufMetadata.FromPairs([new("tokenizer.ggml.precompiled_charsmap", Array.Empty<byte>())])));
    }

    // The unit of "a" leads to itself.
    private static byte[] Cycle()
    {
        byte[] map = new byte[sizeof(uint) * 257 + 1];
        Span<uint> units = new uint[257];
        units[0] = sizeof(uint) * 256;
        units[1] = 1 << 10;
        units[1 + (1 ^ 'a')] = 'a' | (uint)('a' << 10);
        for (int i = 0; i < units.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(map.AsSpan(sizeof(uint) * i), units[i]);
        }

        return map;
    }
}
