using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Hearth.Tests.Fuzzing;

/// <summary>Changes inputs: bits, numbers, words and pieces of others, cut, repeated and nested.</summary>
/// <param name="random">What it is decided by.</param>
/// <param name="words">Marks, names and values that mean something to the reader.</param>
/// <param name="maxLength">Bytes that an input has at most.</param>
/// <param name="sound">Inputs that were read.</param>
/// <param name="refused">Inputs that were refused.</param>
internal sealed class FuzzMutator(Random random, IReadOnlyList<string> words, int maxLength, IReadOnlyList<byte[]> sound, IReadOnlyList<byte[]> refused)
{
    private const int MaxChanges = 5;
    private const int MaxPiece = 48;

    private static readonly byte[] s_bytes = [.. "\0\t\n\r \"'\\/{}[]()<>,:;=|*+?.-_%#@$&^~09azAZ\u007f"u8, 0x80, 0xBF, 0xC0, 0xC3, 0xE2, 0xED, 0xF0, 0xF4, 0xFE, 0xFF];

    private static readonly ulong[] s_numbers =
    [
        0, 1, 2, 7, 8, 9, 15, 16, 31, 32, 33, 63, 64, 127, 128, 255, 256, 257, 511, 512, 4095, 4096, 32767, 32768, ushort.MaxValue, 65536, (1 << 20) + 1, (1 << 24) - 1, 1 << 30, int.MaxValue - 7, int.MaxValue,
        1UL << 31, uint.MaxValue - 1, uint.MaxValue, 1UL << 32, (1UL << 53) + 1, long.MaxValue / 8, long.MaxValue / 2, long.MaxValue - 31, long.MaxValue, 1UL << 63, ulong.MaxValue / 4, ulong.MaxValue - 31, ulong.MaxValue,
    ];

    private static readonly string[] s_numerals =
    [
        "0", "-0", "1", "-1", "2", "3", "17", "100", "255", "256", "1000", "4096", "65535", "65536", "100000", "1000000", "2147483647", "2147483648", "-2147483648", "-2147483649", "4294967295", "4294967296", "9007199254740993",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615", "18446744073709551616", "0.1", "-0.0", "1e5", "1e308", "1e309", "-1e999", "1e-400", "1e99999999999", "00012", "0x7f", "1_000", "NaN", "Infinity",
        "123456789012345678901234567890123456789012345678901234567890", "0.30000000000000000000000000000000000000000000001",
    ];

    private static readonly string[] s_texts =
    [
        "é", "漢", "🦙", "👩‍👩‍👧", "e\u0301", "\u0301\u0301\u0301", "İ", "ß", "ﬁ", "\u00a0", "\u2028", "\u200b", "\ufeff", "\uffff", "\u0000", "\u0085", "\U0010ffff", "ᾳ", "Σ", "ǆ", "\r\n", "\t", "null", "true", "false", "\\u0000", "\\ud800", "\\x", "../", "//", "%s", "{{", "}}",
    ];

    private static readonly (string Open, string Close)[] s_pairs =
    [
        ("(", ")"), ("[", "]"), ("{", "}"), ("\"", "\""), ("'", "'"), ("<", ">"), ("((", "))"), ("[[", "]]"), ("{\"a\":", "}"), ("[1,", "]"), ("not ", ""), ("-", ""), ("!", ""), (" ", ""), ("\n", "\n"), ("a", ""), ("a.", ""), ("1+", ""), (",", ","),
    ];

    private static readonly int[] s_times = [2, 3, 5, 17, 64, 100, 130, 201, 257, 1000, 1025, 5000, 20_000];

    /// <summary>A changed input.</summary>
    public byte[] Make()
    {
        byte[] input = Other();
        int changes = 1;
        while (changes < MaxChanges && random.Next(2) == 0)
        {
            changes++;
        }

        for (; changes > 0; changes--)
        {
            input = Change(input);
            input = input.Length > maxLength ? input[..maxLength] : input;
        }

        return input;
    }

    /// <summary>An input with one change.</summary>
    public byte[] Change(byte[] input)
    {
        if (input.Length == 0)
        {
            return [.. Word()];
        }

        (int start, int end) = random.Next(2) == 0 ? Token(input) : Piece(input);
        return random.Next(64) switch
        {
            < 3 => Overwrite(input, start, [(byte)(input[start] ^ (1 << random.Next(8)))]),
            < 6 => Overwrite(input, start, [s_bytes[random.Next(s_bytes.Length)]]),
            < 9 => Overwrite(input, start, [(byte)random.Next(256)]),
            < 14 => Overwrite(input, start, Number()),
            < 17 => random.Next(2) == 0 ? input[..start] : input[end..],
            < 20 => Replace(input, start, end, []),
            < 23 => Replace(input, end, end, input.AsSpan(start, end - start)),
            < 26 => Replace(input, start, end, Repeat(input.AsSpan(start, end - start), Times(end - start))),
            < 32 => Replace(input, start, start, Word()),
            < 38 => Replace(input, start, end, Word()),
            < 41 => [.. input[..start], .. TailOf(Other())],
            < 44 => Replace(input, start, start, PieceOf(Other())),
            < 47 => Replace(input, start, end, PieceOf(random.Next(2) == 0 ? input : Other())),
            < 53 => ReplaceAlike(input),
            < 56 => ReplaceNumeral(input, start),
            < 59 => Nest(input, start, end),
            < 62 => Swap(input, start, end),
            62 => [.. Encoding.UTF8.Preamble, .. input],
            _ => random.Next(2) == 0 ? [.. input, .. input] : Encoding.Unicode.GetBytes(Encoding.Latin1.GetString(input)),
        };
    }

    private static byte[] Overwrite(byte[] input, int start, ReadOnlySpan<byte> bytes)
    {
        byte[] result = [.. input];
        bytes[..Math.Min(bytes.Length, result.Length - start)].CopyTo(result.AsSpan(start));
        return result;
    }

    private static byte[] Replace(byte[] input, int start, int end, ReadOnlySpan<byte> bytes) => [.. input.AsSpan(0, start), .. bytes, .. input.AsSpan(end)];

    private static byte[] Repeat(ReadOnlySpan<byte> bytes, int times)
    {
        byte[] result = new byte[bytes.Length * times];
        for (int i = 0; i < times; i++)
        {
            bytes.CopyTo(result.AsSpan(i * bytes.Length));
        }

        return result;
    }

    private byte[] Nest(byte[] input, int start, int end)
    {
        (string open, string close) = random.Next(3) > 0 || words.Count < 2 ? s_pairs[random.Next(s_pairs.Length)]
            : (Pick(words), random.Next(2) == 0 ? string.Empty : Pick(words));
        int times = Times(open.Length + close.Length);
        return [.. input.AsSpan(0, start), .. Repeat(Encoding.UTF8.GetBytes(open), times), .. input.AsSpan(start, end - start),
            .. random.Next(4) == 0 ? [] : Repeat(Encoding.UTF8.GetBytes(close), times), .. input.AsSpan(end)];
    }

    private byte[] Swap(byte[] input, int start, int end)
    {
        (int other, int otherEnd) = Piece(input);
        return other < end ? [.. input.AsSpan(0, start), .. input.AsSpan(end), .. input.AsSpan(start, end - start)]
            : [.. input.AsSpan(0, start), .. input.AsSpan(other, otherEnd - other), .. input.AsSpan(end, other - end), .. input.AsSpan(start, end - start), .. input.AsSpan(otherEnd)];
    }

    // A token by another one of its kind, so that what comes out may well make sense.
    private byte[] ReplaceAlike(byte[] input)
    {
        const int Tries = 8;
        (int start, int end) = Token(input);
        for (int i = 0; i < Tries; i++)
        {
            byte[] other = random.Next(2) == 0 ? input : Other();
            if (other.Length > 0 && Token(other) is var (first, last) && KindOf(other[first]) == KindOf(input[start]))
            {
                return Replace(input, start, end, other.AsSpan(first, last - first));
            }
        }

        return input;
    }

    private static int KindOf(byte first) => IsWord(first) ? 0 : first is (byte)'"' or (byte)'\'' or (byte)'{' or (byte)'[' or (byte)'(' ? 1 : 2;

    // The next number in digits.
    private byte[] ReplaceNumeral(byte[] input, int from)
    {
        int start = input.AsSpan(from).IndexOfAnyInRange((byte)'0', (byte)'9');
        if (start < 0)
        {
            return Replace(input, from, from, Encoding.ASCII.GetBytes(Pick(s_numerals)));
        }

        start += from;
        int length = input.AsSpan(start).IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        string numeral = random.Next(4) == 0 ? random.Next(300).ToString(CultureInfo.InvariantCulture) : Pick(s_numerals);
        return Replace(input, start, length < 0 ? input.Length : start + length, Encoding.ASCII.GetBytes(numeral));
    }

    private byte[] Number()
    {
        Span<byte> bytes = stackalloc byte[8];
        ulong number = random.Next(4) == 0 ? (ulong)random.Next(1024) : s_numbers[random.Next(s_numbers.Length)];
        int width = 1 << random.Next(4);
        if (random.Next(4) == 0)
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
            return bytes[(8 - width)..].ToArray();
        }

        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        return bytes[..width].ToArray();
    }

    private byte[] Word() => Encoding.UTF8.GetBytes(random.Next(6) switch
    {
        0 => Pick(s_texts),
        1 => Pick(s_numerals),
        _ => words.Count > 0 ? Pick(words) : Pick(s_texts),
    });

    // So often that what comes out is not too long.
    private int Times(int length) => Math.Min(s_times[random.Next(random.Next(3) > 0 ? s_times.Length / 2 : s_times.Length)], 1 + (maxLength / Math.Max(1, length)));

    private byte[] TailOf(byte[] input) => input.Length == 0 ? [] : input[random.Next(input.Length)..];

    private byte[] PieceOf(byte[] input)
    {
        if (input.Length == 0)
        {
            return [];
        }

        (int start, int end) = random.Next(2) == 0 ? Token(input) : Piece(input);
        return input[start..end];
    }

    private (int Start, int End) Piece(byte[] input)
    {
        int start = random.Next(input.Length);
        int length = random.Next(12) == 0 ? random.Next(input.Length) : random.Next(1, MaxPiece);
        return (start, Math.Min(input.Length, start + Math.Max(1, length)));
    }

    // A word, a number, a text in quotes or a single mark; now and then all to the bracket that closes.
    private (int Start, int End) Token(byte[] input)
    {
        int start = random.Next(input.Length), end = start + 1;
        while (start > 0 && IsWord(input[start]) && IsWord(input[start - 1]))
        {
            start--;
        }

        byte first = input[start];
        if (IsWord(first))
        {
            while (end < input.Length && IsWord(input[end]))
            {
                end++;
            }
        }
        else if (first is (byte)'"' or (byte)'\'')
        {
            int close = input.AsSpan(start + 1).IndexOf(first);
            end = close < 0 ? end : start + close + 2;
        }
        else if (first is (byte)'{' or (byte)'[' or (byte)'(')
        {
            end = ClosingOf(input, start);
        }

        return (start, end);
    }

    private static int ClosingOf(byte[] input, int start)
    {
        int depth = 0;
        for (int i = start; i < input.Length; i++)
        {
            depth += input[i] is (byte)'{' or (byte)'[' or (byte)'(' ? 1 : input[i] is (byte)'}' or (byte)']' or (byte)')' ? -1 : 0;
            if (depth == 0)
            {
                return i + 1;
            }
        }

        return start + 1;
    }

    private static bool IsWord(byte value) => char.IsAsciiLetterOrDigit((char)value) || value is (byte)'_' or > 0x7F;

    private byte[] Other() => Pick(sound.Count > 0 && (refused.Count == 0 || random.Next(3) > 0) ? sound : refused);

    private T Pick<T>(IReadOnlyList<T> items) => items[random.Next(items.Count)];
}
