using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Engine.Grammar;
using Hearth.Engine.Grammar.Masks;

namespace Hearth.Engine.Tests.Grammar;

/// <summary>Answers of random tokens to many schemas, for validators of JSON Schema that others have written.</summary>
internal static class SchemaCorpus
{
    private const int MaxTokens = 250;
    private const int KeywordWalks = 12;
    private const int RandomWalks = 2;

    /// <summary>What becomes of a schema for each keyword, and of random ones.</summary>
    /// <param name="randomSchemas">How many random ones.</param>
    public static IReadOnlyList<CorpusEntry> Make(int randomSchemas)
    {
        CorpusEntry[] entries = new CorpusEntry[KeywordSchemas.All.Count + randomSchemas];
        Parallel.For(0, entries.Length, i =>
        {
            int seed = i - KeywordSchemas.All.Count;
            entries[i] = seed < 0 ? Entry(KeywordSchemas.All[i], i, KeywordWalks) : Entry(new RandomSchemas(seed).Next(), seed, RandomWalks) with { IsRandom = true };
        });
        return entries;
    }

    /// <summary>
    /// Writes a line of JSON for each schema: <c>schema</c>, <c>random</c>, and either <c>answers</c>, each with its <c>text</c> and whether it is
    /// <c>finished</c> or was cut, or <c>refused</c>, which says why (<c>kind</c>, <c>keyword</c>, <c>message</c>).
    /// </summary>
    public static void Write(string path, IEnumerable<CorpusEntry> entries) => File.WriteAllLines(path, entries.Select(Line));

    private static CorpusEntry Entry(string schema, int seed, int walks)
    {
        try
        {
            TokenAutomaton automaton = TestVocabulary.Small.Automaton(GenerationConstraint.FromJsonSchema(schema));
            return new CorpusEntry(schema, [.. Enumerable.Range(0, walks).Select(walk => Answer(automaton, (seed * 31) + walk))], null);
        }
        catch (GrammarException exception)
        {
            return new CorpusEntry(schema, [], exception);
        }
    }

    private static CorpusAnswer Answer(TokenAutomaton automaton, int seed)
    {
        (byte[] text, bool isFinished) = TokenWalk.Draw(automaton, TestVocabulary.Small.Trie, TestVocabulary.Small.EndToken, new Random(seed), MaxTokens);
        return new CorpusAnswer(Encoding.UTF8.GetString(text), isFinished);
    }

    private static string Line(CorpusEntry entry)
    {
        JsonObject line = new() { ["schema"] = JsonNode.Parse(entry.Schema, documentOptions: new JsonDocumentOptions { MaxDepth = 512 }), ["random"] = entry.IsRandom };
        if (entry.Refusal is GrammarException refusal)
        {
            line["refused"] = new JsonObject { ["kind"] = refusal.Kind.ToString(), ["keyword"] = refusal.Keyword, ["message"] = refusal.Message };
        }
        else
        {
            line["answers"] = new JsonArray([.. entry.Answers.Select(answer => new JsonObject { ["text"] = answer.Text, ["finished"] = answer.IsFinished })]);
        }

        return line.ToJsonString();
    }
}

/// <summary>A schema and what became of it.</summary>
/// <param name="Schema">The schema.</param>
/// <param name="Answers">Answers to it; none where it was refused.</param>
/// <param name="Refusal">Why it was refused; null where it was not.</param>
internal sealed record CorpusEntry(string Schema, IReadOnlyList<CorpusAnswer> Answers, GrammarException? Refusal)
{
    public bool IsRandom { get; init; }
}

/// <summary>An answer to a schema.</summary>
/// <param name="Text">Its text.</param>
/// <param name="IsFinished">Whether it came to its end, or was cut.</param>
internal sealed record CorpusAnswer(string Text, bool IsFinished);
