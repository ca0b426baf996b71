using System.Text;
using Hearth.Engine.Grammar;
using Hearth.Tests.Fuzzing;

namespace Hearth.Engine.Tests.Grammar;

/// <summary>Changed regular expressions: each is compiled and used, or refused, with bounded work.</summary>
public sealed class RegexFuzzTests(ITestOutputHelper output) : FuzzTests(output)
{
    private protected override FuzzTarget Target { get; } = new("regex", bytes => GrammarFuzzing.Use(bytes, GenerationConstraint.FromRegex))
    {
        Seeds =
        [
            .. new[]
            {
                "^[a-z]{2,5}$", "^(ab|cd)+$", "x", "^[^a]*$", "^\\d{3}-\\d{2}$", "^a?b*c+$", "[0-9]$", "^(?:foo|bar)", "^.{3}$", "^[A-Z][a-z]+( [A-Z][a-z]+)?$", "^(((((a+)+)+)+)+)+$", "^(a|a)*$", "^(a?){100}a{50}$", "^(.*)(.*)(.*)$", "^(a|b)*a(a|b){10}$",
                "\\p{L}+\\P{Lu}\\w\\W\\s\\S\\b\\u{1F600}\\x41\\cA\\0\\t\\/", "(?=a)(?!b)(?<n>c)\\k<n>\\1", "[\\w\\-\\]\\u0041-\\u005a\\d]", "a{2,}?b+?c*?",
            }.Select(Encoding.UTF8.GetBytes),
        ],
        Words = ["^", "$", "|", "*", "+", "?", "{0,1000}", "{3,}", "{99999}", "{2}", "[^", "[", "]", "a-z", "\\d", "\\w", "\\S", "\\p{L}", "\\P{Lu}", "\\p{Script=Greek}", "\\u{10FFFF}", "\\ud83d", "\\x41", "\\b", "(?:", "(?=", "(?!", "(?<=", "(?i)", "(", ")", ".", "\\1", "(?<a>"],
        IsRefusal = FuzzTarget.Refusals(typeof(GrammarException)),
        Rounds = 100,
        MaxLength = 16 * 1024,
        AllocationBase = 1L << 30,
    };
}
