using System.Text;
using Hearth.Engine.Grammar.Automata;

namespace Hearth.Engine.Grammar.Text;

/// <summary>How characters are written: as they are, or inside a JSON string.</summary>
internal enum CharacterForm
{
    /// <summary>In UTF-8.</summary>
    Plain,

    /// <summary>In UTF-8 inside a JSON string, with an escape only where there must be one and in its short form, so that each text has one form.</summary>
    Json,
}

/// <summary>One character of a set, as bytes.</summary>
/// <param name="set">The characters.</param>
/// <param name="form">How they are written.</param>
internal sealed class CharactersExpression(CharacterSet set, CharacterForm form) : Expression
{
    private static readonly int[] s_limits = [0x7F, 0x7FF, 0xFFFF, 0x10FFFF];
    private static readonly CharacterSet s_escaped = CharacterSet.Of((0, 0x1F), ('"', '"'), ('\\', '\\'));

    public override long Size { get; } = Math.Max(1, set.Ranges.Sum(range => range.High <= 0x7F ? 1L : 4L));

    public override void Emit(AutomatonBuilder builder, int from, int to)
    {
        Suffixes suffixes = new(builder, to);
        foreach (CharacterRange range in (form == CharacterForm.Json ? set.Except(s_escaped) : set).Ranges)
        {
            AddUtf8(builder, suffixes, range.Low, range.High, from, to);
        }

        if (form == CharacterForm.Json)
        {
            AddEscapes(builder, from, to);
        }
    }

    /// <summary>A text as the inside of a JSON string, in the form of <see cref="CharacterForm.Json"/>.</summary>
    public static string ToJson(string text)
    {
        StringBuilder json = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Escape(rune.Value) is string escape)
            {
                json.Append(escape);
            }
            else
            {
                json.Append(rune);
            }
        }

        return json.ToString();
    }

    private static string? Escape(int value) => value switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\t' => "\\t",
        '\r' => "\\r",
        '\b' => "\\b",
        '\f' => "\\f",
        < 0x20 => $"\\u{value:x4}",
        _ => null,
    };

    // Control characters without a short escape are left out.
    private void AddEscapes(AutomatonBuilder builder, int from, int to)
    {
        int? escape = null;
        foreach (CharacterRange range in s_escaped.Except(set.Complement()).Ranges)
        {
            for (int value = range.Low; value <= range.High; value++)
            {
                if (Escape(value) is [_, char letter])
                {
                    if (escape is null)
                    {
                        escape = builder.AddState();
                        builder.AddBytes(from, (byte)'\\', (byte)'\\', escape.Value);
                    }

                    builder.AddBytes(escape.Value, (byte)letter, (byte)letter, to);
                }
            }
        }
    }

    // A range of scalar values is cut into ranges whose bytes are independent of each other.
    private static void AddUtf8(AutomatonBuilder builder, Suffixes suffixes, int low, int high, int from, int to)
    {
        foreach (int limit in s_limits)
        {
            if (low <= limit && limit < high)
            {
                AddUtf8(builder, suffixes, low, limit, from, to);
                AddUtf8(builder, suffixes, limit + 1, high, from, to);
                return;
            }
        }

        if (high <= 0x7F)
        {
            builder.AddBytes(from, (byte)low, (byte)high, to);
            return;
        }

        for (int bits = 6; bits <= 18; bits += 6)
        {
            int mask = (1 << bits) - 1;
            if ((low & ~mask) != (high & ~mask))
            {
                if ((low & mask) != 0)
                {
                    AddUtf8(builder, suffixes, low, low | mask, from, to);
                    AddUtf8(builder, suffixes, (low | mask) + 1, high, from, to);
                    return;
                }

                if ((high & mask) != mask)
                {
                    AddUtf8(builder, suffixes, low, (high & ~mask) - 1, from, to);
                    AddUtf8(builder, suffixes, high & ~mask, high, from, to);
                    return;
                }
            }
        }

        Span<byte> first = stackalloc byte[4];
        Span<byte> last = stackalloc byte[4];
        int length = new Rune(low).EncodeToUtf8(first);
        new Rune(high).EncodeToUtf8(last);
        suffixes.Add(from, first[..length], last[..length]);
    }

    /// <summary>The states between the bytes of a character; ends that are alike are shared.</summary>
    private sealed class Suffixes(AutomatonBuilder builder, int to)
    {
        private readonly Dictionary<(int Lows, int Highs), int> _states = [];

        public void Add(int from, ReadOnlySpan<byte> low, ReadOnlySpan<byte> high) => builder.AddBytes(from, low[0], high[0], StateFor(low[1..], high[1..]));

        private int StateFor(ReadOnlySpan<byte> low, ReadOnlySpan<byte> high)
        {
            if (low.IsEmpty)
            {
                return to;
            }

            (int, int) key = (Pack(low), Pack(high));
            if (!_states.TryGetValue(key, out int state))
            {
                state = builder.AddState();
                _states.Add(key, state);
                builder.AddBytes(state, low[0], high[0], StateFor(low[1..], high[1..]));
            }

            return state;
        }

        private static int Pack(ReadOnlySpan<byte> bytes)
        {
            int packed = 0;
            foreach (byte value in bytes)
            {
                packed = (packed << 8) | value;
            }

            return packed;
        }
    }
}
