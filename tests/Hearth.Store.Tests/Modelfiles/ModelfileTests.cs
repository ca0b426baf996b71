using System.Text;
using Hearth.Store.Manifests;
using Hearth.Store.Modelfiles;

namespace Hearth.Store.Tests.Modelfiles;

public sealed class ModelfileTests
{
    private const string Llama3Template =
        "{{ if .System }}<|start_header_id|>system<|end_header_id|>\n\n{{ .System }}<|eot_id|>{{ end }}{{ .Prompt }}<|eot_id|>";

    [Theory]
    [InlineData("FROM \"FOO  BAR  \"", "FOO  BAR  ")]
    [InlineData("FROM     FOOO BAR    ", "FOOO BAR")]
    [InlineData("FROM /what/is/the path ", "/what/is/the path")]
    [InlineData("FROM foo", "foo")]
    [InlineData("from foo", "foo")]
    [InlineData("FROM /path/to/model/fp16.bin", "/path/to/model/fp16.bin")]
    [InlineData("FROM llama3:7b-instruct-q4_K_M", "llama3:7b-instruct-q4_K_M")]
    [InlineData("\n\n  \tFROM\tfoo\r\n", "foo")]
    [InlineData("  # a comment\nFROM foo # and no comment", "foo # and no comment")]
    [InlineData("# FROM bar\n# comment without end\rFROM foo", "foo")]
    [InlineData("FROM fo\u200Bo\0", "foo")]
    public void From_IsRead(string text, string from) => Assert.Equal([from], Parse(text).From);

    [Fact]
    public void ModelfileWithParameterFirst_IsRead()
    {
        Modelfile file = Parse("PARAMETER what the \nFROM lemons make lemonade ");

        Assert.Equal(["lemons make lemonade"], file.From);
        Assert.Equal([new("what", "the")], file.Parameters);
    }

    [Fact]
    public void EveryInstruction_IsRead()
    {
        Modelfile file = Parse($"""

            FROM "     model 1"
            FROM projector.gguf
            ADAPTER      adapter3
            DRAFT ./assistant
            LICENSE "MIT       "
            LICENSE Apache
            PARAMETER param1        value1
            PARAMETER param2    value2
            TEMPLATE \"\"\"   {Llama3Template}   \"\"\"    
            SYSTEM first
            system last
            RENDERER renderer1
            PARSER parser1
            REQUIRES v0.14.0
            MESSAGE user Hey there!
            MESSAGE assistant Hello: you!
            """.Replace("\\\"", "\"", StringComparison.Ordinal));

        Assert.Equal(["     model 1", "projector.gguf"], file.From);
        Assert.Equal(["adapter3"], file.Adapters);
        Assert.Equal("./assistant", file.Draft);
        Assert.Equal(["MIT       ", "Apache"], file.Licenses);
        Assert.Equal([new("param1", "value1"), new("param2", "value2")], file.Parameters);
        Assert.Equal(new PackagedTemplate(TemplateLanguage.Go, $"   {Llama3Template}   "), file.Template);
        Assert.Equal("last", file.System);
        Assert.Equal("renderer1", file.Renderer);
        Assert.Equal("parser1", file.Parser);
        Assert.Equal("0.14.0", file.Requires);
        Assert.Equal([new("user", "Hey there!"), new("assistant", "Hello: you!")], file.Messages);
    }

    [Theory]
    [InlineData("SYSTEM \"\"\"\nThis is a\nmultiline system.\n\"\"\"\n\t\t\t", "\nThis is a\nmultiline system.\n")]
    [InlineData("SYSTEM \"\"\"\nThis is a\nmultiline system.\"\"\"", "\nThis is a\nmultiline system.")]
    [InlineData("SYSTEM \"\"\"This is a\nmultiline system.\"\"\"\n", "This is a\nmultiline system.")]
    [InlineData("SYSTEM \"\"\"This is a multiline system.\"\"\"", "This is a multiline system.")]
    [InlineData("SYSTEM \"one quote\nover lines\"", "one quote\nover lines")]
    [InlineData("SYSTEM \"\"\"\nwith \"quotes\".\n\"\"\"\n", "\nwith \"quotes\".\n")]
    [InlineData("SYSTEM \"\"\"\"\"\"\n", "")]
    [InlineData("SYSTEM \"\"\n", "")]
    [InlineData("SYSTEM \n", "")]
    [InlineData("SYSTEM \"'\"", "'")]
    [InlineData("SYSTEM \"\"\"''\"'\"\"'\"\"'\"'''''\"\"'\"\"'\"\"\"", "''\"'\"\"'\"\"'\"'''''\"\"'\"\"'")]
    [InlineData("SYSTEM \"\"\"a\r\nb\"\"\"\r\n", "a\r\nb")]
    [InlineData("SYSTEM say \"hi\" twice", "say \"hi\" twice")]
    [InlineData("SYSTEM 你好👋", "你好👋")]
    public void System_IsReadWithItsQuotes(string text, string system) => Assert.Equal(system, Parse($"FROM foo\n{text}").System);

    [Theory]
    [InlineData("numa true", "numa", "true")]
    [InlineData("top_p 1.0", "top_p", "1.0")]
    [InlineData("stop ### User:", "stop", "### User:")]
    [InlineData("stop ### User: ", "stop", "### User:")]
    [InlineData("stop \"### User:\"", "stop", "### User:")]
    [InlineData("stop \"### User: \"", "stop", "### User: ")]
    [InlineData("stop \"\"\"### User:\"\"\"", "stop", "### User:")]
    [InlineData("stop \"\"\"### User:\n\"\"\"", "stop", "### User:\n")]
    [InlineData("stop <|endoftext|>", "stop", "<|endoftext|>")]
    [InlineData("  stop </s>", "stop", "</s>")]
    public void Parameter_IsRead(string text, string name, string value) => Assert.Equal([new(name, value)], Parse($"FROM foo\nPARAMETER {text}\n").Parameters);

    [Theory]
    [InlineData("MESSAGE system You are a file parser. Always parse things.\n", "system", "You are a file parser. Always parse things.")]
    [InlineData("MESSAGE system You are a file parser.", "system", "You are a file parser.")]
    [InlineData("MESSAGE system \"\"\"\nYou are a multiline file parser.\n\"\"\"\n\t\t\t", "system", "\nYou are a multiline file parser.\n")]
    public void Message_IsRead(string text, string role, string content) => Assert.Equal([new(role, content)], Parse($"\nFROM foo\n{text}").Messages);

    [Theory]
    [InlineData("", 0, "no FROM line")]
    [InlineData("# FROM foo", 0, "no FROM line")]
    [InlineData("PARAMETER param1 value1", 0, "no FROM line")]
    [InlineData("\nFROM foo\nPARAMETER param1\n", 3, "unexpected EOF")]
    [InlineData("\nFROM foo\nPARAMETER", 3, "unexpected EOF")]
    [InlineData("\nFROM foo\nBADCOMMAND param1 value1\n", 3, "command must be one of \"from\", \"license\", \"template\"")]
    [InlineData("\r\nFROM foo\r\nBADCOMMAND", 3, "command must be one of")]
    [InlineData("FROM\nfoo", 1, "command must be one of")]
    [InlineData("FROM1 foo", 1, "command must be one of")]
    [InlineData("FROM \"\"", 1, "FROM needs")]
    [InlineData("FROM foo\nADAPTER \"\"", 2, "ADAPTER needs a path")]
    [InlineData("FROM foo\nMESSAGE badguy I'm a bad guy!", 2, "message role must be one of \"system\", \"user\", or \"assistant\"")]
    [InlineData("FROM foo\nMESSAGE system\n", 2, "unexpected EOF")]
    [InlineData("FROM foo\nMESSAGE system", 2, "unexpected EOF")]
    [InlineData("FROM foo\nSYSTEM \"\"\"This is a multiline system.\"\"\n\t", 2, "unexpected EOF")]
    [InlineData("FROM foo\nSYSTEM \"\n\t", 2, "unexpected EOF")]
    [InlineData("FROM foo\nREQUIRES latest", 2, "requires must be a valid semver (e.g. 0.14.0)")]
    [InlineData("FROM foo\nREQUIRES 01.2.3", 2, "requires must be a valid semver")]
    public void BrokenModelfile_IsRefusedWithItsLine(string text, int line, string message)
    {
        ModelfileException exception = Assert.Throws<ModelfileException>(() => Parse(text));

        Assert.Equal(line, exception.Line);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.14.0", "0.14.0")]
    [InlineData("v1", "1")]
    [InlineData("1.2.3-rc.1+x", "1.2.3-rc.1+x")]
    public void Requires_IsAVersion(string text, string version) => Assert.Equal(version, Parse($"FROM foo\nREQUIRES {text}").Requires);

    [Theory]
    [InlineData("{% for m in messages %}{{ m.content }}{% endfor %}", TemplateLanguage.Jinja)]
    [InlineData("{{ .Prompt }}", TemplateLanguage.Go)]
    public void Template_IsOfItsLanguage(string template, TemplateLanguage language) => Assert.Equal(language, Parse($"FROM foo\nTEMPLATE {template}").Template?.Language);

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16LE")]
    [InlineData("utf-16BE")]
    public void ByteOrderMark_TellsTheEncoding(string name)
    {
        Encoding encoding = Encoding.GetEncoding(name);

        Modelfile file = Modelfile.Parse([.. encoding.Preamble, .. encoding.GetBytes("FROM bob\nPARAMETER param2 4096\n\tSYSTEM 你好👋")]);

        Assert.Equal(["bob"], file.From);
        Assert.Equal([new("param2", "4096")], file.Parameters);
        Assert.Equal("你好👋", file.System);
    }

    [Fact]
    public void HugeQuotedValue_IsReadInOnePass() =>
        Assert.Equal(2_000_002, Parse($"FROM foo\nSYSTEM \"\"\"{string.Concat(Enumerable.Repeat("\"\n", 1_000_000))}..\"\"\"").System!.Length);

    [Fact]
    public void Values_AreWrittenSoThatTheyReadTheSame()
    {
        string[] values =
        [
            "plain", "two words", " leading", "trailing ", "line\nbreak", "\n", "\t", string.Empty, "with \"quotes\"", "\"begins", "ends\"", "\"", "\"\"", "\"\"\"", "\"\"\"x\"\"\"",
            "\"quoted\"\nlines\n", "a\"\nb", "carriage\rreturn", "{{ .System }}\n{{ .Prompt }}", "# no comment", "你好👋",
        ];
        foreach (string value in values)
        {
            Modelfile file = new()
            {
                From = ["base"],
                System = value,
                Licenses = [value, value],
                Messages = [new("user", value)],
                Parameters = [new("stop", value)],
                Template = new(TemplateLanguage.Go, value),
                Requires = "0.1.2",
                Adapters = ["a b", "c"],
                Draft = "d",
                Renderer = "r",
                Parser = "p",
            };

            Modelfile read = Parse(file.ToString());

            Assert.Equal(value, read.System);
            Assert.Equal(file.ToString(), read.ToString());
            Assert.Equivalent(file with { Template = null }, read with { Template = null }, strict: true);
            Assert.Equal(value, read.Template?.Text);
        }
    }

    private static Modelfile Parse(string text) => Modelfile.Parse(Encoding.UTF8.GetBytes(text));
}
