using System.Net;
using System.Text.RegularExpressions;
using Hearth.Server.Ui.Markdown;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hearth.Server.Tests.Ui;

/// <summary>Answers become elements: the same ones however they come, and none that an answer should not make.</summary>
public sealed partial class MarkdownTests
{
    internal const string Everything = """
        # Title

        A paragraph with *emphasis*, **strong** words, ~~none~~, `code` and a [link](https://example.com/a?b=c "t").
        A second line  
        after a hard break, and https://example.org/auto.

        - one
        - two
          - nested
            1. deep
        - [x] done

        3. three
        4. four

        > quoted
        > > twice

        | a | b |
        |---|--:|
        | 1 | `2` |

        ```csharp
        // a comment
        string text = "value";
        /* long
        comment */ int x = 1;
        ```

            indented code

        ---

        Last & least: &amp; <b>no element</b>.
        """;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(17)]
    public async Task Text_ThatComesInPieces_IsTheSameAtItsEnd(int length)
    {
        MarkdownText pieces = new();
        foreach (char[] piece in Everything.Chunk(length))
        {
            pieces.Append(new string(piece));
        }

        Assert.Equal(await RenderAsync(MarkdownText.Parse(Everything)), await RenderAsync(pieces));
    }

    [Fact]
    public void BlocksThatAreComplete_AreNotParsedAgain()
    {
        MarkdownText text = MarkdownText.Parse("one\n\ntwo\n\nthree");
        MarkdownPart[] before = [.. text.Parts];

        text.Append(" more\n\nfour");

        Assert.Equal(4, text.Parts.Count);
        Assert.Same(before[0], text.Parts[0]);
        Assert.Same(before[1], text.Parts[1]);
        Assert.NotSame(before[2], text.Parts[2]);
    }

    [Fact]
    public async Task EachKind_HasItsElement()
    {
        string html = await RenderAsync(MarkdownText.Parse(Everything));

        foreach (string element in (string[])["<h3>Title</h3>", "<em>emphasis</em>", "<strong>strong</strong>", "<del>none</del>", "<code>code</code>", "<br>", "<ol start=\"3\">", "<blockquote>", "<td class=\"right\"><code>2</code></td>", "<hr>", "<span class=\"c\">// a comment</span>", "<span class=\"k\">string</span>"])
        {
            Assert.Contains(element, html, StringComparison.Ordinal);
        }

        Assert.Contains("<a href=\"https://example.com/a?b=c\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">link</a>", html, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;no element&lt;/b&gt;", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LongParagraph_IsAllThere()
    {
        string text = string.Concat(Enumerable.Repeat("word 🙂 ", 1000)).TrimEnd();

        Assert.Equal($"<p>{text}</p>", WebUtility.HtmlDecode(await RenderAsync(MarkdownText.Parse(text))));
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("<div><!-- x --></div>\n<svg onload=alert(1)>")]
    [InlineData("![x](https://example.com/x.png \"t\")")]
    [InlineData("[x](javascript:alert(1))")]
    [InlineData("[x](JaVaScRiPt:alert(1))")]
    [InlineData("[x](&#106;avascript:alert(1))")]
    [InlineData("[x](java\tscript:alert(1))")]
    [InlineData("[x](data:text/html;base64,PHNjcmlwdD4=)")]
    [InlineData("[x](vbscript:x) [y](//evil.example) [z](/relative) [w](file:///etc/passwd)")]
    [InlineData("<javascript:alert(1)>")]
    [InlineData("[x]: javascript:alert(1)\n\n[x]")]
    [InlineData("```\"><script>alert(1)</script>\ncode\n```")]
    [InlineData("| <script>a</script> |\n|---|\n| [x](javascript:1) |")]
    [InlineData("# <iframe src=javascript:1>")]
    public async Task HostileText_MakesNoElementOfItsOwn(string text)
    {
        string html = await RenderAsync(MarkdownText.Parse(text));

        Assert.Subset(
            new HashSet<string> { "p", "a", "div", "span", "button", "pre", "code", "table", "tr", "th", "td", "h3", "tbody" },
            Elements().Matches(html).Select(match => match.Groups[1].Value).ToHashSet());
        Assert.DoesNotMatch("(?i)<[^>]*(javascript|data:|vbscript|file:|onerror|onload|src=|href=\"/)", html);
    }

    [Fact]
    public async Task TextThatIsNestedTooDeeply_IsShownAsItIs()
    {
        string text = new('>', 5000);

        Assert.Contains(text, WebUtility.HtmlDecode(await RenderAsync(MarkdownText.Parse(text))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("csharp", "var x = $\"a {b}\"; // c\n\"\"\"\nraw\n\"\"\" + 'q' + 0x1F;")]
    [InlineData("python", "def f(x):\n    '''doc\n    more'''\n    return x # done, isn't it")]
    [InlineData("js", "`multi\nline ${x}` + /* a\nb */ f('it\\'s')")]
    [InlineData("sql", "SELECT 'a' -- b\nFROM t /* c */")]
    [InlineData("nothing", "any 'thing' // at all")]
    public void Code_IsAllThereWhateverItsColours(string language, string code)
    {
        CodeLanguage found = CodeLanguage.Find(language);
        CodeState state = CodeState.Code;
        string together = string.Empty;
        List<CodePiece> lines = [];
        foreach (string line in code.Split('\n').Select(line => line + "\n"))
        {
            CodeChunk chunk = CodeChunk.Read(found, line, state);
            state = chunk.After;
            together += string.Concat(chunk.Pieces.Select(piece => piece.Text));
            lines.AddRange(chunk.Pieces);
        }

        CodeChunk whole = CodeChunk.Read(found, code + "\n", CodeState.Code);
        Assert.Equal(code + "\n", together);
        Assert.Equal(code + "\n", string.Concat(whole.Pieces.Select(piece => piece.Text)));
        Assert.Equal(Coloured(whole.Pieces, CodeKind.Comment), Coloured(lines, CodeKind.Comment));
        Assert.Equal(Coloured(whole.Pieces, CodeKind.Text), Coloured(lines, CodeKind.Text));
    }

    private static string Coloured(IEnumerable<CodePiece> pieces, CodeKind kind) => string.Concat(pieces.Where(piece => piece.Kind == kind).Select(piece => piece.Text));

    internal static async Task<string> RenderAsync(MarkdownText text)
    {
        await using ServiceProvider services = new ServiceCollection().BuildServiceProvider();
        await using HtmlRenderer renderer = new(services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            ParameterView parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(MarkdownView.Text)] = text });
            return (await renderer.RenderComponentAsync<MarkdownView>(parameters)).ToHtmlString();
        });
    }

    [GeneratedRegex("<([a-z0-9]+)")]
    private static partial Regex Elements();
}
