using System.Text;

namespace Hearth.Engine.Tests.Tokenization;

/// <summary>Texts that stress tokenizers: all scripts, white space of all kinds, digits, cases, contractions, characters beyond 16
/// bits.</summary>
internal static class RandomTexts
{
    private static readonly string[] s_parts =
    [
        " ", "  ", "   ", "\n", "\r\n", "\n\n", "\t", " \n ", "\u00A0", "\u3000", "\u2003", "\u0085", "\u1680", "a", "B", "hello",
            "World", "HTTPServer", "iPhone", "É", "é",
        "ßA", "'s", "'LL", "'re", "'Ve", "'", "don't", "I'M", "1", "23", "456", "7890", "12345678", "\u0661\u0662", "½", "Ⅷ", ".", ",",
            "?!", "...", "/", "//\n", "~", "~a", "$x",
        "+=", "_id", "<|", "|>", "()", "漢字", "かな", "カナ", "한국어", "ไทย", "ক্ষ", "नमस्ते", "עברית", "العربية", "🚀", "👩‍👧", "\U00010400",
            "\U00010428x", "\U0001D400", "\U00020000",
        "e\u0301", "\u0301", "\u0001", "\u200B", "\uFEFF", "\uE000", "\u0378", "IMGIMGABZ", "<sentinel:12>", "！", "，。", "ㄅ", "ǅ", "ʰ",
            "K", "İ",
    ];

    public static IEnumerable<string> Many(int seed, int count)
    {
        Random random = new(seed);
        for (int i = 0; i < count; i++)
        {
            StringBuilder text = new();
            for (int parts = random.Next(1, 14); parts > 0; parts--)
            {
                text.Append(random.Next(8) == 0 ? CodePoint(random) : s_parts[random.Next(s_parts.Length)]);
            }

            yield return text.ToString();
        }
    }

    private static string CodePoint(Random random)
    {
        while (true)
        {
            int value = random.Next(3) switch { 0 => random.Next(0x250), 1 => random.Next(0x10000), _ => random.Next(0x110000) };
            if (Rune.IsValid(value))
            {
                return new Rune(value).ToString();
            }
        }
    }
}
