using System.Text;
using Hearth.Engine.Grammar;
using Hearth.Engine.Grammar.Machine;
using Hearth.Engine.Grammar.Masks;

namespace Hearth.Engine.Tests.Grammar;

/// <summary>Uses a constraint that a fuzzer made.</summary>
internal static class GrammarFuzzing
{
    private const int MaxTokens = 16;

    /// <summary>Compiles a constraint and writes a text under it. What is compiled can be used: each token that is allowed can be taken.</summary>
    public static string Use(byte[] source, Func<string, GenerationConstraint> compile)
    {
        GenerationConstraint constraint = compile(Encoding.UTF8.GetString(source));
        TestVocabulary vocabulary = TestVocabulary.Small;
        TokenAutomaton automaton = vocabulary.Automaton(constraint);
        Configuration current = automaton.Begin();
        Random random = new(source.Length);
        int tokens = 0;
        while (tokens < MaxTokens && current.IsLive)
        {
            int[] forced = automaton.Forced(current);
            TokenMask mask = automaton.Mask(current);
            int[] allowed = [.. Enumerable.Range(0, vocabulary.Trie.VocabularySize).Where(mask.Allows)];
            Assert.NotEmpty(allowed);
            int[] next = forced.Length > 0 ? forced : [allowed[random.Next(allowed.Length)]];
            if (next[0] == vocabulary.EndToken)
            {
                break;
            }

            foreach (int token in next.Take(MaxTokens))
            {
                current = automaton.Advance(current, token) ?? throw new InvalidOperationException($"Token {token} was allowed and is not.");
                tokens++;
            }
        }

        return $"{tokens} {Math.Log2(constraint.StateCount + 1):F0}";
    }
}
