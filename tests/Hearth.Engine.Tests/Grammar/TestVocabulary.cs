using System.Text;
using Hearth.Engine.Gguf;
using Hearth.Engine.Grammar;
using Hearth.Engine.Grammar.Masks;
using Hearth.Engine.Tokenization;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Grammar;

/// <summary>A vocabulary under constraints.</summary>
internal sealed class TestVocabulary
{
    private readonly Func<string, List<int>> _encode;

    private TestVocabulary(TokenTrie trie, int endToken, Func<string, List<int>> encode)
    {
        Trie = trie;
        EndToken = endToken;
        _encode = encode;
    }

    /// <summary>All bytes, and pieces of JSON that cross the borders between its parts.</summary>
    public static TestVocabulary Small { get; } = CreateSmall([]);

    public TokenTrie Trie { get; }

    public int EndToken { get; }

    public TokenAutomaton Automaton(GenerationConstraint constraint) => new(constraint.Automaton, Trie, [EndToken], _encode);

    /// <summary>The vocabulary of a file.</summary>
    public static TestVocabulary Read(params string[] path)
    {
        using GgufFile file = GgufFile.Open(Golden.Path(path[0], path[1]));
        Tokenizer tokenizer = Tokenizer.Create(file.Metadata);
        return new TestVocabulary(
            new TokenTrie(tokenizer.VocabularySize, token => tokenizer.IsHidden(token) || tokenizer.IsEndOfGeneration(token) ? [] : tokenizer.TokenBytes(token).ToArray()),
            tokenizer.Special.EndOfGeneration.Min(),
            tokenizer.EncodeContinuation);
    }

    /// <summary>The same with control tokens.</summary>
    public static TestVocabulary WithControls(IEnumerable<string> controls) => CreateSmall(controls);

    private static TestVocabulary CreateSmall(IEnumerable<string> controls)
    {
        const string Pieces = "\",|\"}|{\"|\":|\": \"|\": | \"|name|id|ab|abc|null|true|false|[]|{}|}]|]}|, |,\n| \n|  |    |\n  |12|123|0.|.5|e1|\\n|\\\"|\\u|über|ü|😀"
            + "|the| the|a|b|red|green|foo|bar|2024|-0|Z|://|http|.com|@|a\"b|x-|\"name\":|\"}\n|\"],|\\u00|d8|\\ud83d\\ude00";
        List<byte[]> tokens = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value }), .. Pieces.Split('|').Select(Encoding.UTF8.GetBytes)];
        int end = tokens.Count;
        tokens[ControlTokens.Delimiter] = [];
        tokens.Add([]);
        tokens.AddRange(controls.Select(ControlTokens.Bytes));

        List<int> Encode(string text)
        {
            List<int> encoded = [];
            ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(text);
            while (!rest.IsEmpty)
            {
                int best = rest[0];
                for (int token = 256; token < end; token++)
                {
                    best = tokens[token].Length > tokens[best].Length && rest.StartsWith(tokens[token]) ? token : best;
                }

                encoded.Add(best);
                rest = rest[tokens[best].Length..];
            }

            return encoded;
        }

        return new TestVocabulary(new TokenTrie(tokens.Count, token => tokens[token]), end, Encode);
    }
}
