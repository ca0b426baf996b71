using System.Text;
using Hearth.Engine.Grammar;
using Hearth.Engine.Grammar.Machine;
using Hearth.Engine.Grammar.Masks;

namespace Hearth.Engine.Tests.Grammar;

public sealed class ForcedTextTests
{
    [Fact]
    public void OneText_IsForcedWhole()
    {
        TokenAutomaton automaton = TestVocabulary.Small.Automaton(GenerationConstraint.FromJsonSchema("""{"const":"the name"}"""));

        Assert.Equal("\"the name\"", Text(automaton.Forced(automaton.Begin())));
    }

    // The model may mean a longer token that begins with the end of the forced text.
    [Fact]
    public void EndThatALongerTokenMayBeginWith_IsLeftToTheModel()
    {
        TokenAutomaton automaton = TestVocabulary.Small.Automaton(GenerationConstraint.FromGbnf("root ::= \"xyzfo\" [a-z]"));

        Assert.Equal("xyz", Text(automaton.Forced(automaton.Begin())));
    }

    [Fact]
    public void ChoiceOrEnd_ForcesNothing()
    {
        TokenAutomaton choice = TestVocabulary.Small.Automaton(GenerationConstraint.FromGbnf("root ::= [ab] \"c\""));
        TokenAutomaton end = TestVocabulary.Small.Automaton(GenerationConstraint.FromGbnf("root ::= \"a\" \"bc\"?"));

        Assert.Empty(choice.Forced(choice.Begin()));
        Configuration afterFirst = end.Advance(end.Begin(), 'a')!;
        Assert.True(afterFirst.IsAccepting && afterFirst.IsLive);
        Assert.Empty(end.Forced(afterFirst));
    }

    [Theory]
    [InlineData("llama-bpe.gguf")]
    [InlineData("llama-spm.gguf")]
    [InlineData("gpt-2.gguf")]
    public void ForcedTokens_AreThoseOfTheTokenizer(string file)
    {
        TestVocabulary vocabulary = TestVocabulary.Read("vocab", file);
        TokenAutomaton automaton = vocabulary.Automaton(GenerationConstraint.FromJsonSchema("""
            {"type":"object","properties":{"first name":{"type":"string"},"größe":{"const":"very large"}},"required":["first name","größe"]}
            """));
        Configuration current = Follow(automaton, vocabulary, "{\"");
        Configuration later = Follow(automaton, vocabulary, "{\"first name\": \"x\",");

        Assert.StartsWith("first name", Bytes(vocabulary, automaton.Forced(current)), StringComparison.Ordinal);
        Assert.Equal(" \"größe\": \"very large\"}", Bytes(vocabulary, automaton.Forced(later)));
    }

    [Theory]
    [InlineData("llama-bpe.gguf")]
    [InlineData("llama-spm.gguf")]
    public void Masks_OfARealVocabulary_AllowWhatTheAutomatonTakes(string file)
    {
        TestVocabulary vocabulary = TestVocabulary.Read("vocab", file);
        TokenAutomaton automaton = vocabulary.Automaton(GenerationConstraint.FromJsonValue());
        foreach (string beginning in (string[])["", "{", "[{\"a\": \"b", "[[[1", "{\"a\":[\"\\", "{\n  \"a\": tr"])
        {
            Configuration current = Follow(automaton, vocabulary, beginning);
            TokenMask mask = automaton.Mask(current);
            for (int token = 0; token < vocabulary.Trie.VocabularySize; token += 7)
            {
                Assert.Equal(automaton.Advance(current, token) is not null || (current.IsAccepting && token == vocabulary.EndToken), mask.Allows(token));
            }
        }
    }

    private static Configuration Follow(TokenAutomaton automaton, TestVocabulary vocabulary, string text)
    {
        Configuration current = automaton.Begin();
        foreach (byte value in Encoding.UTF8.GetBytes(text))
        {
            int token = Enumerable.Range(0, vocabulary.Trie.VocabularySize).First(id => vocabulary.Trie.Contains(id) && vocabulary.Trie.Bytes(id) is [byte only] && only == value);
            current = automaton.Advance(current, token)!;
        }

        return current;
    }

    private static string Text(int[] tokens) => Bytes(TestVocabulary.Small, tokens);

    private static string Bytes(TestVocabulary vocabulary, int[] tokens) => Encoding.UTF8.GetString([.. tokens.SelectMany(token => vocabulary.Trie.Bytes(token).ToArray())]);
}
