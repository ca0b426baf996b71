using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Hearth.Engine.Gguf;
using Hearth.Engine.Tokenization;
using Hearth.Engine.Tokenization.PreTokenization;

namespace Hearth.Engine.Tests.Tokenization;

/// <summary>
/// Our ids against those of llama.cpp's tokenizer, for every pre-tokenizer and every kind of vocabulary. The files in References have
/// the names of the vocabularies, and then lines of a text's number, the numbers of the vocabularies and the ids that it has there. With
/// HEARTH_REFERENCE_TOKENIZER set to the path of llama-tokenize they are written again.
/// </summary>
public sealed class ReferenceIdsTests
{
    private const string WriterVariable = "HEARTH_REFERENCE_TOKENIZER";

    public static TheoryData<string> Sets() => [.. ReferenceVocabularies.Sets];

    [Theory]
    [MemberData(nameof(Sets))]
    public void Ids_are_those_of_the_reference(string set)
    {
        List<(string Name, GgufMetadata Metadata)> vocabularies = ReferenceVocabularies.Of(set);
        if (Environment.GetEnvironmentVariable(WriterVariable) is string program)
        {
            Write(set, vocabularies, program);
        }

        int[][][] expected = Read(set, [.. vocabularies.Select(item => item.Name)]);
        List<string> wrong = [];
        for (int i = 0; i < vocabularies.Count; i++)
        {
            Tokenizer tokenizer = Tokenizer.Create(vocabularies[i].Metadata);
            for (int j = 0; j < ReferenceTexts.All.Length; j++)
            {
                string text = ReferenceTexts.All[j];
                List<int> actual = tokenizer.Encode(text, addSpecial: j == 0 && tokenizer.Special.AddBos, parseSpecial: false);
                if (!actual.SequenceEqual(expected[i][j]))
                {
                    wrong.Add($"{vocabularies[i].Name} {j} '{text}'"
                        + $"\n  expected {string.Join(' ', expected[i][j].Select(tokenizer.TokenText))}"
                        + $"\n  actual   {string.Join(' ', actual.Select(tokenizer.TokenText))}");
                }
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} differ:\n{string.Join('\n', wrong.Take(12))}");
    }

    [Fact]
    public void Every_pre_tokenizer_is_compared()
    {
        IEnumerable<string> compared = ((string[])["bpe", "raw", "words"]).SelectMany(set => ReferenceVocabularies.Of(set))
            .Select(item => item.Name);
        Assert.Empty(PreTokenizers.Names.Except(compared));
    }

    private static string PathOf(string set, [CallerFilePath] string source = "") =>
        Path.Combine(Path.GetDirectoryName(source)!, "References", set + ".txt");

    // By vocabulary and text.
    private static int[][][] Read(string set, string[] names)
    {
        string[] lines = File.ReadAllLines(PathOf(set));
        Assert.Equal(string.Join(' ', names), lines[0]);
        int[][][] ids = [.. names.Select(_ => new int[ReferenceTexts.All.Length][])];
        foreach (string line in lines.Skip(1))
        {
            string[] parts = line.Split('\t');
            int[] tokens = [.. parts[2].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Number)];
            foreach (string range in parts[1].Split(','))
            {
                int[] ends = [.. range.Split('-').Select(Number)];
                for (int i = ends[0]; i <= ends[^1]; i++)
                {
                    ids[i][Number(parts[0])] = tokens;
                }
            }
        }

        Assert.DoesNotContain(ids, texts => texts.Contains(null));
        return ids;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static void Write(string set, List<(string Name, GgufMetadata Metadata)> vocabularies, string program)
    {
        List<string[]> all = [.. vocabularies.Select(item => Run(program, item.Metadata))];
        List<string> lines = [string.Join(' ', vocabularies.Select(item => item.Name))];
        for (int text = 0; text < ReferenceTexts.All.Length; text++)
        {
            foreach (IGrouping<string, int> group in Enumerable.Range(0, all.Count).GroupBy(i => all[i][text]))
            {
                lines.Add($"{text}\t{Ranges([.. group])}\t{group.Key}");
            }
        }

        File.WriteAllLines(PathOf(set), lines);
    }

    private static string Ranges(int[] numbers)
    {
        List<string> ranges = [];
        for (int i = 0; i < numbers.Length;)
        {
            int first = i++;
            while (i < numbers.Length && numbers[i] == numbers[i - 1] + 1)
            {
                i++;
            }

            ranges.Add(i - first == 1 ? $"{numbers[first]}" : $"{numbers[first]}-{numbers[i - 1]}");
        }

        return string.Join(',', ranges);
    }

    // All texts at once, with a token between them.
    private static string[] Run(string program, GgufMetadata metadata)
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        string file = Path.Combine(folder, "vocabulary.gguf"), texts = Path.Combine(folder, "texts.txt");
        GgufWriter writer = new(metadata);
        writer.Set("general.architecture", "llama");
        writer.Save(file);
        File.WriteAllText(texts, string.Join(ReferenceVocabularies.Separator, ReferenceTexts.All));
        ProcessStartInfo start = new(program, ["-m", file, "-f", texts, "--ids", "--no-escape", "--no-parse-special", "--log-disable"])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["LD_LIBRARY_PATH"] = Path.GetDirectoryName(program);
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        Directory.Delete(folder, recursive: true);
        string separator = $"{Tokenizer.Create(metadata).FindToken(ReferenceVocabularies.Separator)}";
        string[] ids = output.Trim().Trim('[', ']').Split(", ");
        string[] result = [.. string.Join(' ', ids.Select(id => id == separator ? "|" : id)).Split('|').Select(part => part.Trim())];
        Assert.Equal(ReferenceTexts.All.Length, result.Length);
        return result;
    }
}
