using System.Text;
using Hearth.Engine.Grammar;
using Hearth.Tests.Fuzzing;

namespace Hearth.Engine.Tests.Grammar;

/// <summary>Changed grammars in GBNF: each is compiled and used, or refused, with bounded work.</summary>
public sealed class GbnfFuzzTests(ITestOutputHelper output) : FuzzTests(output)
{
    private protected override FuzzTarget Target { get; } = new("gbnf", bytes => GrammarFuzzing.Use(bytes, text => GenerationConstraint.FromGbnf(text)))
    {
        Seeds =
        [
            .. new[]
            {
                "root ::= \"a\"{2,3} | [^a-c] | . | \"\\x41\\u00e9\\U0001F600\\\"\"", "root ::= (\"a\" \"b\"\n  | \"c\")? \"d\" # end\n", "root ::= a-b*\r\na-b ::= \"x\" root | \"y\"", "root ::= [\\u4e00-\\u9fff]+ ws\nws ::= [ \\t\\n]{0,20}",
                "root ::= (\"a\" | \"aa\" | \"a\" \"a\")*", "root ::= x x x x\nx ::= y y y\ny ::= (z z)?\nz ::= \"a\"?", "root ::= ((\"a\"* \"a\"*)* \"a\"*)*", "root ::= \"a\" root root | \"a\"",
                "root ::= object\nvalue ::= object | array | string | number | (\"true\" | \"false\" | \"null\") ws\nobject ::= \"{\" ws (string \":\" ws value (\",\" ws string \":\" ws value)*)? \"}\" ws\narray ::= \"[\" ws (value (\",\" ws value)*)? \"]\" ws\nstring ::= \"\\\"\" ([^\"\\\\\\x7F\\x00-\\x1F] | \"\\\\\" ([\"\\\\bfnrt] | \"u\" [0-9a-fA-F]{4}))* \"\\\"\" ws\nnumber ::= (\"-\"? ([0-9] | [1-9] [0-9]{0,15})) (\".\" [0-9]+)? ([eE] [-+]? [0-9] [1-9]{0,15})? ws\nws ::= | \" \" | \"\\n\" [ \\t]{0,20}",
            }.Select(Encoding.UTF8.GetBytes),
        ],
        Words = ["root", " ::= ", " | ", "*", "+", "?", "{0,1000}", "{3,}", "{99999}", "{2}", "[^", "]", "a-z", "\\x", "\\u0000", "\\U0010FFFF", "\\]", "\"", "#", "(", ")", ".", "\n", "ws", "value", "<think>", "!<[1]>", "<[5]>", "\r"],
        IsRefusal = FuzzTarget.Refusals(typeof(GrammarException)),
        Rounds = 300,
        MaxLength = 16 * 1024,
        AllocationBase = 1L << 30,
    };
}
