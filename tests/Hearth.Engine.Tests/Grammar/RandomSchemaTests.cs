using System.Text;
using Hearth.Engine.Grammar;
using Hearth.Engine.Grammar.Machine;
using Hearth.Engine.Grammar.Masks;

namespace Hearth.Engine.Tests.Grammar;

public sealed class RandomSchemaTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 10)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void RandomTokens_GiveValidTexts_OfRandomSchemas(int part)
    {
        int finished = 0;
        int refused = 0;
        for (int seed = part * 200; seed < (part + 1) * 200; seed++)
        {
            string schema = new RandomSchemas(seed).Next();
            GenerationConstraint constraint;
            try
            {
                constraint = GenerationConstraint.FromJsonSchema(schema);
            }
            catch (GrammarException exception) when (exception.Kind == GrammarErrorKind.Unsatisfiable)
            {
                refused++;
                continue;
            }

            TokenAutomaton automaton = TestVocabulary.Small.Automaton(constraint);
            for (int walk = 0; walk < 2; walk++)
            {
                (byte[] text, bool isFinished) = TokenWalk.Draw(automaton, TestVocabulary.Small.Trie, TestVocabulary.Small.EndToken, new Random((seed * 31) + walk), limit: 400);
                if (isFinished)
                {
                    finished++;
                    Assert.True(SchemaValidator.IsValid(schema, Encoding.UTF8.GetString(text)), $"seed {seed}\n{schema}\n{Encoding.UTF8.GetString(text)}");
                }
            }
        }

        Assert.True(finished > 300, $"{finished} finished");
        Assert.True(refused < 30, $"{refused} refused");
    }

    // The mask of a place must be what walking each token from there says.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Masks_AllowExactlyTheTokensThatTheAutomatonTakes(int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < 15; i++)
        {
            GenerationConstraint constraint = i == 0 ? GenerationConstraint.FromJsonValue() : SatisfiableSchema(random);
            TokenAutomaton automaton = TestVocabulary.Small.Automaton(constraint);
            Configuration current = automaton.Begin();
            for (int step = 0; step < 40 && current.IsLive; step++)
            {
                TokenMask mask = automaton.Mask(current);
                List<int> allowed = [];
                for (int token = 0; token < TestVocabulary.Small.EndToken; token++)
                {
                    bool isTaken = automaton.Advance(current, token) is not null;
                    Assert.Equal(isTaken, mask.Allows(token));
                    allowed.AddRange(isTaken ? [token] : []);
                }

                Assert.Equal(current.IsAccepting, mask.Allows(TestVocabulary.Small.EndToken));
                if (allowed.Count == 0)
                {
                    break;
                }

                current = automaton.Advance(current, allowed[random.Next(allowed.Count)])!;
            }
        }
    }

    private static GenerationConstraint SatisfiableSchema(Random random)
    {
        while (true)
        {
            try
            {
                return GenerationConstraint.FromJsonSchema(new RandomSchemas(random.Next()).Next());
            }
            catch (GrammarException exception) when (exception.Kind == GrammarErrorKind.Unsatisfiable)
            {
            }
        }
    }
}
