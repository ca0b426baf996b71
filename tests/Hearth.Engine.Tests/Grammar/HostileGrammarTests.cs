using System.Text;
using Hearth.Engine.Grammar;
using Hearth.Engine.Grammar.Machine;

namespace Hearth.Engine.Tests.Grammar;

/// <summary>What would take exponential time, or all memory, is answered or refused with bounded work.</summary>
public sealed class HostileGrammarTests
{
    [Theory]
    [InlineData("root ::= \"a\" root root | \"a\"", 255)] // as many readings as there are binary trees
    [InlineData("root ::= (\"a\" | \"aa\" | \"a\" \"a\")*", 400)]
    [InlineData("root ::= ((\"a\"* \"a\"*)* \"a\"*)*", 400)]
    [InlineData("root ::= (\"a\"{1,30}){1,30}", 150)]
    [InlineData("root ::= x x x x x x x x\nx ::= y y y y y y y y\ny ::= (z z z z)?\nz ::= \"a\"?", 200)]
    public void AmbiguousGrammar_IsReadOnceForAllReadings(string grammar, int length) =>
        Assert.True(TokenWalk.Accepts(GenerationConstraint.FromGbnf(grammar), new string('a', length)));

    [Fact]
    public void TextWithTooManyReadings_IsRefused()
    {
        // How often the inner and the outer parts were repeated is open in all combinations.
        GenerationConstraint constraint = GenerationConstraint.FromGbnf("root ::= (((\"a\"{1,90}){1,90}){1,90}){1,90}");

        GrammarException? exception = null;
        try
        {
            TokenWalk.Accepts(constraint, new string('a', 1000));
        }
        catch (GrammarException caught)
        {
            exception = caught;
        }

        Assert.Equal(GrammarErrorKind.TooComplex, exception?.Kind);
    }

    [Theory]
    [InlineData("^(((((a+)+)+)+)+)+$")]
    [InlineData("^(a|a)*$")]
    [InlineData("^(a?){100}a{50}$")]
    [InlineData("^(.*)(.*)(.*)(.*)(.*)$")]
    public void NestedQuantifiers_TakeLinearTime(string pattern)
    {
        GenerationConstraint constraint = GenerationConstraint.FromJsonSchema($$"""{"type":"string","pattern":"{{pattern}}"}""");

        Assert.True(TokenWalk.Accepts(constraint, $"\"{new string('a', 60)}\""));
    }

    [Theory]
    [InlineData("""{"type":"string","pattern":"((a{1000}){1000}){1000}","minLength":3}""")]
    [InlineData("""{"type":"string","pattern":"^(a|b)*a(a|b){40}$","maxLength":100000}""")]
    [InlineData("""{"type":"object","patternProperties":{"(a|b)*a(a|b){40}c":{},"x":{}}}""")]
    [InlineData("""{"type":"array","maxItems":2000000000}""")]
    public void ConditionsThatAreHardToCombine_AreRefused(string schema) =>
        Assert.Equal(GrammarErrorKind.TooComplex, Assert.Throws<GrammarException>(() => GenerationConstraint.FromJsonSchema(schema)).Kind);

    [Fact]
    public void CombinationsOfAlternatives_AreLimited()
    {
        string groups = string.Join(',', Enumerable.Range(0, 30).Select(i => $$"""{"anyOf":[{"title":"a{{i}}"},{"title":"b{{i}}"},false]}"""));

        Assert.Equal(
            GrammarErrorKind.TooComplex,
            Assert.Throws<GrammarException>(() => GenerationConstraint.FromJsonSchema($$"""{"type":"object","allOf":[{{groups}}]}""")).Kind);
    }

    [Fact]
    public void LargeSchema_IsCompiled()
    {
        string properties = string.Join(',', Enumerable.Range(0, 9000).Select(i => $$"""
            "property{{i}}":{"type":"string","description":"{{new string('d', 60)}}"}
            """));
        string schema = """{"type":"object","properties":{""" + properties + "}}";
        Assert.InRange(schema.Length, 900_000, 1 << 20);

        GenerationConstraint constraint = GenerationConstraint.FromJsonSchema(schema);

        Assert.True(TokenWalk.Accepts(constraint, """{"property1":"a","property8999":"b"}"""));
        Assert.False(TokenWalk.Accepts(constraint, """{"property8999":"b","property1":"a"}"""));
    }

    [Fact]
    public void SchemaThatIsTooLarge_IsRefused() =>
        Assert.Equal(
            GrammarErrorKind.TooComplex,
            Assert.Throws<GrammarException>(() => GenerationConstraint.FromJsonSchema($$"""{"title":"{{new string('x', 1 << 20)}}"}""")).Kind);

    [Fact]
    public void DeepSchema_IsRefused()
    {
        StringBuilder schema = new();
        for (int i = 0; i < 10_000; i++)
        {
            schema.Append("""{"type":"array","items":""");
        }

        Assert.Equal(GrammarErrorKind.Syntax, Assert.Throws<GrammarException>(() => GenerationConstraint.FromJsonSchema($"{schema}true{new string('}', 10_000)}")).Kind);
    }

    [Fact]
    public void DeepGroups_AreRefused()
    {
        string open = new('(', 10_000);
        string close = new(')', 10_000);

        Assert.Equal(GrammarErrorKind.TooComplex, Assert.Throws<GrammarException>(() => GenerationConstraint.FromRegex($"{open}a{close}")).Kind);
        Assert.Equal(GrammarErrorKind.TooComplex, Assert.Throws<GrammarException>(() => GenerationConstraint.FromGbnf($"root ::= {open}\"a\"{close}")).Kind);
    }

    [Fact]
    public void DeepText_IsReadWithAStack()
    {
        GenerationConstraint constraint = GenerationConstraint.FromJsonValue();

        Assert.True(TokenWalk.Accepts(constraint, $"{new string('[', 3000)}{new string(']', 3000)}"));
        Assert.False(TokenWalk.Accepts(constraint, $"{new string('[', 3000)}{new string(']', 2999)}"));
    }

    [Fact]
    public void RepetitionByRecursion_DoesNotGrowTheStack()
    {
        ConfigurationTable table = new(GenerationConstraint.FromGbnf("root ::= \"a\" root | \"b\"").Automaton);
        table.BeginWork();
        Configuration first = table.Next(table.Initial, (byte)'a');

        Assert.Same(first, table.Next(first, (byte)'a'));
    }
}
