using System.Globalization;
using System.Text;
using Hearth.Engine.Grammar;
using Hearth.Engine.Grammar.Machine;

namespace Hearth.Engine.Tests.Grammar;

/// <summary>What would take exponential time, or all memory, is answered or refused with bounded work.</summary>
public sealed class HostileGrammarTests
{
    private const long MaxBytes = 1L << 30;

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

    // Each definition stands for two of the next: written out, there would be 2^40 of the last.
    [Fact]
    public void DefinitionsThatDouble_AreCompiledOnce()
    {
        string schema = Doubling(next => $$"""{"type":"object","properties":{"a":{{next}},"b":{{next}}},"required":["a","b"],"additionalProperties":false}""");

        GenerationConstraint constraint = GenerationConstraint.FromJsonSchema(schema);

        Assert.InRange(constraint.StateCount, 40, 20_000);
        Assert.False(TokenWalk.Accepts(constraint, """{"a":null,"b":null}"""));
    }

    [Theory]
    [InlineData("allOf", null, null)]
    [InlineData("anyOf", GrammarErrorKind.TooComplex, "1024")]
    [InlineData("oneOf", GrammarErrorKind.Unsupported, "'oneOf'")]
    public void CombinationsThatDouble_TakeBoundedWork(string keyword, GrammarErrorKind? expected, string? named)
    {
        string schema = Doubling(next => $$"""{"{{keyword}}":[{{next}},{{next}}]}""");
        long before = GC.GetAllocatedBytesForCurrentThread();

        GrammarException? exception = Record(() => GenerationConstraint.FromJsonSchema(schema));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxBytes);
        Assert.Equal(expected, exception?.Kind);
        Assert.Contains(named ?? string.Empty, exception?.Message ?? string.Empty, StringComparison.Ordinal);
    }

    [Fact]
    public void LongChainOfReferences_DoesNotExhaustTheStack()
    {
        string links = string.Join(',', Enumerable.Range(0, 10_000).Select(i => $$"""
            "d{{i}}":{"$ref":"#/$defs/d{{i + 1}}"}
            """));

        GenerationConstraint constraint = GenerationConstraint.FromJsonSchema($$$"""{"$defs":{{{{links}}},"d10000":{"type":"null"}},"$ref":"#/$defs/d0"}""");

        Assert.True(TokenWalk.Accepts(constraint, "null"));
    }

    [Fact]
    public void ReferencesInACircle_AreRefused()
    {
        const string Schema = """{"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"anyOf":[{"$ref":"#/$defs/c"},{"$ref":"#/$defs/a"}]},"c":{"allOf":[{"$ref":"#/$defs/a"}]}},"$ref":"#/$defs/a"}""";

        Assert.Equal(GrammarErrorKind.Unsatisfiable, Record(() => GenerationConstraint.FromJsonSchema(Schema))?.Kind);
    }

    [Theory]
    [InlineData("((((((((((a{1,9}){1,9}){1,9}){1,9}){1,9}){1,9}){1,9}){1,9}){1,9}){1,9})")]
    [InlineData("(a{0,100000}){0,100000}")]
    public void RepetitionsOfRepetitions_TakeBoundedMemory(string pattern)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();

        GenerationConstraint constraint = GenerationConstraint.FromRegex(pattern);
        GrammarException? exception = Record(() => Assert.True(TokenWalk.Accepts(constraint, new string('a', 500))));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxBytes);
        Assert.InRange(constraint.StateCount, 1, GrammarLimits.States);
        Assert.True(exception is null or { Kind: GrammarErrorKind.TooComplex }, exception?.Message);
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

    [Theory]
    [InlineData("[\"{0}\"]", 12)]
    [InlineData("{0}", 7)]
    public void LargeEnumeration_TakesBoundedMemory(string value, int padding)
    {
        string values = string.Join(',', Enumerable.Range(0, (1 << 20) / (padding + value.Length + 8)).Select(i => value.Replace("{0}", (i + 1_000_000).ToString("D" + padding, CultureInfo.InvariantCulture).TrimStart('0'), StringComparison.Ordinal)));
        long before = GC.GetAllocatedBytesForCurrentThread();

        GenerationConstraint constraint = GenerationConstraint.FromJsonSchema($$"""{"enum":[{{values}}]}""");

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxBytes);
        Assert.True(TokenWalk.Accepts(constraint, value.Replace("{0}", "1000017", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("anyOf", GrammarErrorKind.TooComplex, "1024")]
    [InlineData("oneOf", GrammarErrorKind.Unsupported, "'oneOf'")]
    public void ManyAlternatives_AreRefused(string keyword, GrammarErrorKind expected, string named)
    {
        string alternatives = string.Join(',', Enumerable.Range(0, 50_000).Select(i => $$"""{"const":{{i}}}"""));

        GrammarException? exception = Record(() => GenerationConstraint.FromJsonSchema($$"""{"{{keyword}}":[{{alternatives}}]}"""));

        Assert.Equal(expected, exception?.Kind);
        Assert.Contains(named, exception!.Message, StringComparison.Ordinal);
    }

    // Two long lists are compared in one pass over each.
    [Fact]
    public void ListsThatMeet_TakeOnePass()
    {
        string Values(int from) => string.Join(',', Enumerable.Range(from, 40_000));

        GenerationConstraint constraint = GenerationConstraint.FromJsonSchema($$"""{"allOf":[{"enum":[{{Values(1_000_000)}}]},{"enum":[{{Values(1_039_999)}}]}]}""");

        Assert.True(TokenWalk.Accepts(constraint, "1039999"));
        Assert.False(TokenWalk.Accepts(constraint, "1040000"));
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

    private static string Doubling(Func<string, string> combine)
    {
        string definitions = string.Join(',', Enumerable.Range(0, 40).Select(i => $$"""
            "d{{i}}":{{combine($$"""{"$ref":"#/$defs/d{{i + 1}}"}""")}}
            """));
        return $$$"""{"$defs":{{{{definitions}}},"d40":{"type":"null"}},"$ref":"#/$defs/d0"}""";
    }

    private static GrammarException? Record(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (GrammarException exception)
        {
            return exception;
        }
    }
}
