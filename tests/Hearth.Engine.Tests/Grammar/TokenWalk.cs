using System.Text;
using Hearth.Engine.Grammar;
using Hearth.Engine.Grammar.Machine;
using Hearth.Engine.Grammar.Masks;

namespace Hearth.Engine.Tests.Grammar;

/// <summary>Walks through a constraint: with bytes, or with tokens that are drawn from those that are allowed.</summary>
internal static class TokenWalk
{
    /// <summary>Whether a text satisfies a constraint.</summary>
    public static bool Accepts(GenerationConstraint constraint, string text) => Accepts(constraint, Encoding.UTF8.GetBytes(text));

    /// <inheritdoc cref="Accepts(GenerationConstraint, string)"/>
    public static bool Accepts(GenerationConstraint constraint, ReadOnlySpan<byte> text)
    {
        ConfigurationTable table = new(constraint.Automaton);
        table.BeginWork();
        Configuration current = table.Initial;
        foreach (byte value in text)
        {
            table.BeginWork();
            current = table.Next(current, value);
            if (current.IsDead)
            {
                return false;
            }
        }

        return current.IsAccepting;
    }

    /// <summary>Draws tokens until the answer ends.</summary>
    /// <param name="automaton">The constraint over a vocabulary.</param>
    /// <param name="trie">The vocabulary.</param>
    /// <param name="endToken">The token that ends an answer.</param>
    /// <param name="random">Draws.</param>
    /// <param name="limit">Tokens at most.</param>
    /// <param name="liked">Texts that are written where they may be, now and then.</param>
    /// <returns>The bytes, and whether the answer ended.</returns>
    public static (byte[] Text, bool IsFinished) Draw(TokenAutomaton automaton, TokenTrie trie, int endToken, Random random, int limit, params string[] liked)
    {
        List<byte> text = [];
        Configuration current = automaton.Begin();
        for (int count = 0; count < limit && current.IsLive; count++)
        {
            if (liked.Length > 0 && random.Next(6) == 0)
            {
                Like(liked[random.Next(liked.Length)]);
            }

            int[] forced = automaton.Forced(current);
            int[] next = forced.Length > 0 ? forced : [Draw(automaton.Mask(current), trie, endToken, random, count > limit / 2)];
            if (next[0] == endToken)
            {
                return ([.. text], true);
            }

            foreach (int token in next)
            {
                text.AddRange(trie.Bytes(token));
                current = automaton.Advance(current, token) ?? throw new InvalidOperationException($"Token {token} was allowed and is not.");
            }
        }

        return ([.. text], current.IsAccepting);

        // As a control token where there is one, else in its characters, as far as it may be.
        void Like(string word)
        {
            byte[] bytes = trie.Find(ControlTokens.Bytes(word)) >= 0 ? ControlTokens.Bytes(word) : Encoding.UTF8.GetBytes(word);
            int token = trie.Find(bytes) is int node and >= 0 && !trie.Tokens(node).IsEmpty ? trie.Tokens(node)[0] : -1;
            foreach (int next in token >= 0 ? [token] : bytes.Select(value => trie.Tokens(trie.Find([value]))[0]))
            {
                if (automaton.Advance(current, next) is not Configuration after)
                {
                    return;
                }

                text.AddRange(trie.Bytes(next));
                current = after;
            }
        }
    }

    // Late in a walk, tokens that close something are drawn first, so that most walks end.
    private static int Draw(TokenMask mask, TokenTrie trie, int endToken, Random random, bool closes)
    {
        if (mask.Allows(endToken) && (closes || random.Next(3) == 0))
        {
            return endToken;
        }

        List<int> allowed = [];
        List<int> closing = [];
        for (int token = 0; token < trie.VocabularySize; token++)
        {
            if (mask.Allows(token) && token != endToken)
            {
                allowed.Add(token);
                if (trie.Bytes(token)[0] is (byte)'"' or (byte)'}' or (byte)']' or (byte)'n')
                {
                    closing.Add(token);
                }
            }
        }

        List<int> from = (closes || random.Next(4) == 0) && closing.Count > 0 ? closing : allowed;
        return from.Count > 0 ? from[random.Next(from.Count)] : endToken;
    }
}
