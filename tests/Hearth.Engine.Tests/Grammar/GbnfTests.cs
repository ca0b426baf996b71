using Hearth.Engine.Grammar;

namespace Hearth.Engine.Tests.Grammar;

public sealed class GbnfTests
{
    private const string Arithmetic = """
        # Sums of products.
        root  ::= (expr "=" ws term "\n")+
        expr  ::= term ([-+*/] term)*
        term  ::= ident | num | "(" ws expr ")" ws
        ident ::= [a-z] [a-z0-9_]* ws
        num   ::= [0-9]+ ws
        ws    ::= [ \t\n]*
        """;

    [Theory]
    [InlineData("a=1\n", true)]
    [InlineData("(a +1)*x_2= 7\nb=c\n", true)]
    [InlineData("a=\n", false)]
    [InlineData("(a=1\n", false)]
    public void Rules_CallEachOther(string text, bool isAccepted) => Assert.Equal(isAccepted, TokenWalk.Accepts(GenerationConstraint.FromGbnf(Arithmetic), text));

    [Theory]
    [InlineData("root ::= \"a\"{2,3}", "aaa", "a")]
    [InlineData("root ::= \"a\"{2}", "aa", "aaa")]
    [InlineData("root ::= \"a\"{2,}", "aaaaa", "a")]
    [InlineData("root ::= [^a-c]", "d", "b")]
    [InlineData("root ::= [^a-c]", "é", "ab")]
    [InlineData("root ::= .", "😀", "")]
    [InlineData("root ::= \"\\x41\\u00e9\\U0001F600\\\"\"", "Aé😀\"", "A")]
    [InlineData("root ::= [\\u4e00-\\u9fff]+", "漢字", "a")]
    [InlineData("root ::= \"a\" | \"b\" |\n  \"c\" # the last\n", "c", "d")]
    [InlineData("root ::= (\"a\" \"b\"\n  | \"c\")? \"d\"", "abd", "ad")]
    [InlineData("root ::= a*\r\na ::= \"x\"? # may be empty\r\n", "xx", "y")]
    [InlineData("root ::= a-b\na-b ::= \"x\" root | \"y\"", "xxy", "x")]
    public void Notation_IsUnderstood(string grammar, string valid, string invalid)
    {
        GenerationConstraint constraint = GenerationConstraint.FromGbnf(grammar);

        Assert.True(TokenWalk.Accepts(constraint, valid));
        Assert.False(TokenWalk.Accepts(constraint, invalid));
    }

    [Theory]
    [InlineData("root = \"a\"", GrammarErrorKind.Syntax)]
    [InlineData("root ::= \"a", GrammarErrorKind.Syntax)]
    [InlineData("root ::= [a", GrammarErrorKind.Syntax)]
    [InlineData("root ::= (\"a\"", GrammarErrorKind.Syntax)]
    [InlineData("root ::= other", GrammarErrorKind.Syntax)]
    [InlineData("start ::= \"a\"", GrammarErrorKind.Syntax)]
    [InlineData("root ::= \"a\"{3,2}", GrammarErrorKind.Syntax)]
    [InlineData("root ::= * \"a\"", GrammarErrorKind.Syntax)]
    [InlineData("root ::= \"\\q\"", GrammarErrorKind.Syntax)]
    [InlineData("", GrammarErrorKind.Syntax)]
    [InlineData("root ::= <think>", GrammarErrorKind.Unsupported)]
    [InlineData("root ::= root \"a\" | \"b\"", GrammarErrorKind.Unsupported)]
    [InlineData("root ::= a\na ::= b? root \"x\" | \"y\"\nb ::= \"z\"", GrammarErrorKind.Unsupported)]
    [InlineData("root ::= \"a\" root", GrammarErrorKind.Unsatisfiable)]
    [InlineData("root ::= \"a\"{1000000000}", GrammarErrorKind.TooComplex)]
    public void BrokenGrammar_IsRefused(string grammar, GrammarErrorKind kind) =>
        Assert.Equal(kind, Assert.Throws<GrammarException>(() => GenerationConstraint.FromGbnf(grammar)).Kind);

    [Fact]
    public void RegularExpression_MatchesTheWholeText()
    {
        GenerationConstraint constraint = GenerationConstraint.FromRegex("\\d{4}-(0[1-9]|1[0-2])|never|\\p{Lu}+");

        Assert.True(TokenWalk.Accepts(constraint, "2024-12"));
        Assert.True(TokenWalk.Accepts(constraint, "ÄÖ"));
        Assert.False(TokenWalk.Accepts(constraint, "2024-13"));
        Assert.False(TokenWalk.Accepts(constraint, "x2024-12"));
        Assert.False(TokenWalk.Accepts(constraint, "nevermore"));
    }
}
