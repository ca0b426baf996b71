using System.Text.Json;
using Hearth.Engine.Grammar;

namespace Hearth.Engine.Tests.Grammar;

/// <summary>The corpus that other validators are given: <c>HEARTH_SCHEMA_CORPUS</c> names the file to write it to, whole.</summary>
public sealed class SchemaCorpusTests
{
    private const int WholeCorpus = 5000;
    private const int Sample = 100;

    [Fact]
    public void Corpus_HasFinishedAnswers_AndRefusalsThatNameTheirKeyword()
    {
        string? path = Environment.GetEnvironmentVariable("HEARTH_SCHEMA_CORPUS");

        IReadOnlyList<CorpusEntry> entries = SchemaCorpus.Make(path is null ? Sample : WholeCorpus);

        if (path is not null)
        {
            SchemaCorpus.Write(path, entries);
        }

        CorpusAnswer[] answers = [.. entries.SelectMany(entry => entry.Answers)];
        Assert.All(answers.Where(answer => answer.IsFinished), answer => JsonDocument.Parse(answer.Text, new JsonDocumentOptions { MaxDepth = 512 }).Dispose());
        Assert.True(answers.Count(answer => answer.IsFinished) > answers.Length * 9 / 10, $"{answers.Count(answer => answer.IsFinished)} of {answers.Length} finished");
        Assert.All(entries.Where(entry => entry.Refusal is { Kind: GrammarErrorKind.Unsupported }), entry =>
        {
            Assert.Contains($"\"{entry.Refusal!.Keyword}\"", entry.Schema, StringComparison.Ordinal);
            Assert.Contains($"'{entry.Refusal.Keyword}'", entry.Refusal.Message, StringComparison.Ordinal);
        });
        Assert.All(entries.Where(entry => entry.IsRandom && entry.Refusal is not null), entry => Assert.Equal(GrammarErrorKind.Unsatisfiable, entry.Refusal!.Kind));
        Assert.DoesNotContain(entries, entry => entry.Refusal is { Kind: GrammarErrorKind.NotInVocabulary or GrammarErrorKind.Syntax });
    }
}
