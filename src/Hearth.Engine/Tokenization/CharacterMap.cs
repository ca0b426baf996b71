using System.Buffers.Binary;
using Hearth.Engine.Gguf;

namespace Hearth.Engine.Tokenization;

/// <summary>
/// SentencePiece's precompiled character map (<c>tokenizer.ggml.precompiled_charsmap</c>): what the longest known byte string at a place
/// of a text is replaced by. The file has a double array (Darts-clone: 32-bit units; a unit has the label of the byte that leads to
/// it in bits 0 to 7, whether a string ends there in bit 8, and the offset of its children in bits 10 to 30, times 256 when bit 9 is set),
/// and then the replacements, each ended by a zero. All that can be reached is looked at before it is used.
/// </summary>
internal sealed class CharacterMap
{
    /// <summary>The most bytes of a map. SentencePiece's own have a quarter of a million.</summary>
    public const int MaxBytes = 1 << 22;

    /// <summary>The most bytes of a string that is replaced.</summary>
    public const int MaxKeyBytes = 256;

    private const string Key = "tokenizer.ggml.precompiled_charsmap";
    private const uint LabelMask = 0x800000FF;
    private const uint ValueMask = 0x7FFFFFFF;
    private const int HeaderBytes = sizeof(uint);
    private const byte OnPath = 1;
    private const byte Done = 2;
    private readonly uint[] _units;
    private readonly byte[] _replacements;

    private CharacterMap(uint[] units, byte[] replacements)
    {
        _units = units;
        _replacements = replacements;
    }

    /// <summary>Reads the map of a file; null when it has none.</summary>
    /// <exception cref="TokenizerException">The map is not one, or too large.</exception>
    public static CharacterMap? Read(GgufMetadata metadata)
    {
        if (!metadata.TryGetValue(Key, out GgufValue value) || (value.IsArray && value.Length == 0))
        {
            return null;
        }

        if (value.ElementType is not (GgufValueType.U8 or GgufValueType.I8))
        {
            throw TokenizerException.CharacterMap(Key, $"it is {value.TypeName}, not an array of bytes");
        }

        byte[] bytes = value.Items as byte[] ?? Array.ConvertAll((sbyte[])value.Items, item => (byte)item);
        return Parse(bytes);
    }

    /// <summary>Reads a map.</summary>
    /// <exception cref="TokenizerException">The map is not one, or too large.</exception>
    internal static CharacterMap Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is <= HeaderBytes or > MaxBytes)
        {
            throw TokenizerException.CharacterMap(Key, $"it has {bytes.Length} bytes; at most {MaxBytes} are read");
        }

        uint unitBytes = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (unitBytes == 0 || unitBytes % sizeof(uint) != 0 || unitBytes >= bytes.Length - HeaderBytes || bytes[^1] != 0)
        {
            throw TokenizerException.CharacterMap(Key,
                $"its double array is said to have {unitBytes} of {bytes.Length} bytes; replacements, each ended by a zero, must follow");
        }

        uint[] units = new uint[unitBytes / sizeof(uint)];
        for (int i = 0; i < units.Length; i++)
        {
            units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(HeaderBytes + (i * sizeof(uint)))..]);
        }

        CharacterMap map = new(units, bytes[(HeaderBytes + (int)unitBytes)..].ToArray());
        map.Validate();
        return map;
    }

    /// <summary>Finds the longest string that the text begins with.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">The bytes of that string; 0 for none.</param>
    /// <param name="steps">Grows by the bytes that were looked at.</param>
    /// <returns>What it is replaced by.</returns>
    public ReadOnlySpan<byte> Match(ReadOnlySpan<byte> text, out int length, ref long steps)
    {
        length = 0;
        uint value = 0;
        uint node = Offset(_units[0]);
        for (int i = 0; i < text.Length && text[i] != 0; i++)
        {
            steps++;
            node ^= text[i];
            uint unit = _units[node];
            if ((unit & LabelMask) != text[i])
            {
                break;
            }

            node ^= Offset(unit);
            if (Ends(unit))
            {
                length = i + 1;
                value = _units[node] & ValueMask;
            }
        }

        ReadOnlySpan<byte> found = _replacements.AsSpan((int)value);
        return length == 0 ? [] : found[..found.IndexOf((byte)0)];
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);

    private static bool Ends(uint unit) => (unit & 0x100) != 0;

    // Walks all that can be reached: every child and value must be inside, and no path may be endless. Paths may join again.
    private void Validate()
    {
        byte[] states = new byte[_units.Length];
        ushort[] heights = new ushort[_units.Length];
        Stack<(int Unit, int Label)> path = new();
        path.Push((0, 1));
        states[0] = OnPath;
        CheckUnit(0, isRoot: true);
        while (path.TryPop(out (int Unit, int Label) top))
        {
            uint children = (uint)top.Unit ^ Offset(_units[top.Unit]);
            int label = top.Label, child = -1;
            for (; label <= byte.MaxValue && child < 0; label++)
            {
                uint index = children ^ (uint)label;
                child = (_units[index] & LabelMask) == label ? (int)index : -1;
            }

            if (child < 0)
            {
                states[top.Unit] = Done;
                if (path.TryPeek(out (int Unit, int Label) parent))
                {
                    heights[parent.Unit] = Math.Max(heights[parent.Unit], (ushort)(heights[top.Unit] + 1));
                }

                continue;
            }

            path.Push((top.Unit, label));
            if (states[child] == OnPath || path.Count + heights[child] > MaxKeyBytes)
            {
                throw TokenizerException.CharacterMap(Key, $"it has a string of more than {MaxKeyBytes} bytes, or an endless one");
            }

            if (states[child] == Done)
            {
                heights[top.Unit] = Math.Max(heights[top.Unit], (ushort)(heights[child] + 1));
                continue;
            }

            CheckUnit(child, isRoot: false);
            states[child] = OnPath;
            path.Push((child, 1));
        }
    }

    private void CheckUnit(int unit, bool isRoot)
    {
        uint children = (uint)unit ^ Offset(_units[unit]);
        if ((children | byte.MaxValue) >= _units.Length)
        {
            throw TokenizerException.CharacterMap(Key, $"unit {unit} of its {_units.Length} leads outside");
        }

        if (!isRoot && Ends(_units[unit]) && (_units[children] & ValueMask) >= _replacements.Length)
        {
            throw TokenizerException.CharacterMap(Key, $"unit {unit} names a replacement outside the {_replacements.Length} bytes of them");
        }
    }
}
