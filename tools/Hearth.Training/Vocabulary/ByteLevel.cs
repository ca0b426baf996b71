using System.Text;
using System.Text.RegularExpressions;

namespace Hearth.Training.Vocabulary;

/// <summary>GPT-2's byte-level alphabet (every byte is a printable character) and its splitting of text into pieces.</summary>
internal static partial class ByteLevel
{
    private static readonly char[] s_characters = BuildAlphabet();

    /// <summary>The characters that stand for the bytes 0 to 255.</summary>
    public static ReadOnlySpan<char> Alphabet => s_characters;

    /// <summary>The pieces of a text in the byte-level alphabet; no merge crosses a piece.</summary>
    public static List<string> Pieces(string text)
    {
        List<string> pieces = [];
        foreach (ValueMatch match in PieceExpression().EnumerateMatches(text))
        {
            pieces.Add(Encode(text.Substring(match.Index, match.Length)));
        }

        return pieces;
    }

    private static string Encode(string piece)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(piece);
        return string.Create(bytes.Length, bytes, static (characters, source) =>
        {
            for (int i = 0; i < source.Length; i++)
            {
                characters[i] = s_characters[source[i]];
            }
        });
    }

    private static char[] BuildAlphabet()
    {
        var characters = new char[256];
        int next = 256;
        for (int value = 0; value < characters.Length; value++)
        {
            bool printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[value] = (char)(printable ? value : next++);
        }

        return characters;
    }

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex PieceExpression();
}
