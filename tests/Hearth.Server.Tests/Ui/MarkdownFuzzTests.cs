using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Hearth.Server.Ui.Markdown;
using Hearth.Tests.Fuzzing;

namespace Hearth.Server.Tests.Ui;

/// <summary>Changed answers in Markdown: each becomes elements of those that an answer may make, with links that lead to the web or to mail.</summary>
public sealed partial class MarkdownFuzzTests(ITestOutputHelper output) : FuzzTests(output)
{
    private static readonly HashSet<string> s_elements =
    [
        "p", "a", "div", "span", "button", "pre", "code", "table", "thead", "tbody", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6", "em", "strong", "del", "br", "hr", "ol", "ul", "li", "blockquote", "input",
    ];

    private protected override FuzzTarget Target { get; } = new("markdown", Read)
    {
        Seeds =
        [
            .. new[]
            {
                MarkdownTests.Everything, "<script>alert(1)</script>", "![x](https://example.com/x.png \"t\")", "[x](javascript:alert(1)) [y](&#106;avascript:alert(1)) <javascript:alert(1)>", "[x]: javascript:alert(1)\n\n[x]", "```sql\nSELECT 'a' -- b\n```", "| a | b |\n|---|:-:|\n| [x](javascript:1) | `c` |",
            }.Select(Encoding.UTF8.GetBytes),
        ],
        Words =
        [
            "# ", "## ", "- ", "* ", "1. ", "> ", "    ", "\t", "```", "```csharp\n", "~~~", "`", "**", "*", "_", "~~", "[", "](", ")", "![", "|", "|---|", "---\n", "- [x] ", "\n\n", "  \n", "\\", "&amp;", "&#0;", "&#x110000;", "<b>", "<!--", "<a href=x>", "https://a.b/c", "www.a.b", "a@b.c",
            "javascript:", "mailto:", "data:", "//", "[a]: ", "[^1]", "\"", "'", "===\n", "<https://a>", "\0",
        ],
        IsRefusal = null,
        Rounds = 150,
        MaxLength = 16 * 1024,
        AllocationBase = 64 * 1024 * 1024,
        AllocationPerByte = 16 * 1024,
    };

    private static string Read(byte[] bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        MarkdownText markdown = MarkdownText.Parse(text[..(text.Length / 2)]);
        markdown.Append(text[(text.Length / 2)..]);
        string html = MarkdownTests.RenderAsync(markdown).GetAwaiter().GetResult();
        string[] elements = [.. Elements().Matches(html).Select(match => match.Groups[1].Value).Distinct()];
        Assert.Subset(s_elements, elements.ToHashSet());
        Assert.All(Links().Matches(html), link => Assert.Matches("^(?i)(https?://|mailto:)", WebUtility.HtmlDecode(link.Groups[1].Value)));
        return string.Join(' ', elements.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex("<([a-z0-9]+)")]
    private static partial Regex Elements();

    [GeneratedRegex("(?:href|src)=\"([^\"]*)\"")]
    private static partial Regex Links();
}
