namespace Hearth.Engine.Tests.Tokenization;

/// <summary>
/// The texts whose ids are kept in References; a change here or in <see cref="RandomTexts"/> makes those files stale. The first is empty,
/// so that its ids are what a prompt begins with.
/// </summary>
internal static class ReferenceTexts
{
    private static readonly string[] s_written =
    [
        "",
        "Hello, World! Don't you think it's I'M, we'LL, they've and 'tis?",
        "The quick brown fox jumps over the lazy dog 1234567 times in 3.14159 seconds.",
        "    if (x == 12345) {\n\t\treturn y[0x1F] // 100%;\r\n    }\n\n\n  end   ",
        " leading and trailing  ", "\n\n \n\t\n  \r\n\r\n x\n", "   ", "\n", "  \n", "a  b   c    d     e",
        "1 12 123 1234 12345 123456 1234567 12345678 ١٢٣٤٥ ½ ⅧⅧ 𝟘𝟙𝟚𝟛",
        "Ünïcödé ÀÉÎ straße ǅ ʰ İstanbul ΑΒΓ αβγ Привет, МИР! Ёлка",
        "漢字とかなカナ混じりの文章。中文，标点！한국어 문장입니다. ㄅㄆㄇ ㄱㄴ",
        "ภาษาไทยไม่มีช่องว่าง ລາວ ខ្មែរ မြန်မာ ꧋ꦗꦮ",
        "नमस्ते दुनिया। ক্ষমা తెలుగు العربية، نص! עברית ۔ ، །",
        "🚀👩‍👧👍🏽🇩🇪 emoji 🙂🙂🙂 ☃️ ™ © → ≠ ∑",
        "e\u0301e\u0301 n\u0303 \u0301x \u200B\uFEFF\u00AD\u2060 \u0085\u2028\u3000\u00A0 .",
        "HTTPServer iPhone XMLHttpRequest camelCaseWord ALLCAPS aB Bc's DON'T",
        "<|im_start|>user\n<|x|> <sentinel:12> IMGIMGABZ IMGIMGZ <u> a<u>b <u><u>",
        "http://example.com/a/b?c=d&e=f#g user@example.org //// /\n/\n --== ~~~ `code` $x+=1;",
        "ＦＵＬＬ　ｗｉｄｔｈ　１２３　！？ ﬁ ﬂ ㎏ ﷺ … “q” ‘r’ – —",
        "tab\tseparated\tvalues\t\t\tend\x0B\x0C\x01\x02\x7F",
        "\uFEFFbyte order mark \uFEFF twice", "\uFFFD replacement \uFFFD\uFFFD", "▁under▁score ▁ ▁▁",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "                                                                 x",
        "9999999999999999999999", "................!!!!!!!!!!!!!!!!\n\n\n", "\U00020000\U0002A700\U0002B820\U0002F800 豈 㐀 々",
        "<dna>ACGTACGTACCA</dna> and <dna>acgtaNnacgt</dna><dna></dna>x<dna>ACACACé", "</dna><dna>AAAAAA",
        "it's 5 o'clock; we're 'S 'll ''ve '' ' 'd", "x = {'a': [1,2,3], \"b\": \"\\n\\x41\\\\\"}",
        "<dna>ACACACG</dna><dna>ga</dna> <dna>AAAAAAAAAAAAGC",
        "Wörter über größer; naïve café déjà-vu — Zażółć gęślą jaźń", "don’t it’s I’m ‘S’",
    ];

    public static string[] All { get; } = [.. s_written, .. RandomTexts.Many(seed: 20, count: 360)];
}
