namespace Hearth.Training.Text;

/// <summary>
/// All the text of a guide folder: <c>words.txt</c>, <c>heldout.txt</c>, and the intents of every other <c>.txt</c> file.
/// </summary>
internal sealed class GuideText
{
    private GuideText(Lexicon lexicon, IReadOnlyList<Intent> intents, IReadOnlyList<(Intent Intent, string Question)> heldOut)
    {
        Lexicon = lexicon;
        Intents = intents;
        HeldOut = heldOut;
    }

    /// <summary>What the wordings share.</summary>
    public Lexicon Lexicon { get; }

    /// <summary>The intents in the order of the file names and of their lines.</summary>
    public IReadOnlyList<Intent> Intents { get; }

    /// <summary>Questions that training never sees.</summary>
    public IReadOnlyList<(Intent Intent, string Question)> HeldOut { get; }

    /// <summary>Reads a folder.</summary>
    /// <exception cref="FormatException">A line is of no known kind, or an intent lacks wordings or an answer.</exception>
    public static GuideText Load(string folder)
    {
        Lexicon lexicon = Lexicon.Parse(File.ReadLines(Path.Combine(folder, "words.txt")));
        List<Intent> intents = [];
        foreach (string file in Directory.EnumerateFiles(folder, "*.txt").Order(StringComparer.Ordinal))
        {
            if (Path.GetFileName(file) is not ("words.txt" or "heldout.txt"))
            {
                intents.AddRange(ParseTheme(File.ReadLines(file), lexicon, Path.GetFileName(file)));
            }
        }

        Dictionary<string, Intent> byName = intents.ToDictionary(intent => intent.Name);
        return new GuideText(lexicon, intents, ParseHeldOut(File.ReadLines(Path.Combine(folder, "heldout.txt")), byName));
    }

    /// <summary>Reads the intents of one theme.</summary>
    public static List<Intent> ParseTheme(IEnumerable<string> lines, Lexicon lexicon, string file)
    {
        List<Intent> intents = [];
        string? name = null;
        List<Pattern> wordings = [];
        List<string> answers = [];
        List<string> keys = [];
        foreach (string line in lines.Append("# "))
        {
            string value = line.Length > 2 ? line[2..].Trim() : "";
            switch (line.Length >= 2 ? line[..2] : line)
            {
                case "# ":
                    if (name is not null)
                    {
                        intents.Add(wordings.Count > 0 && answers.Count > 0
                            ? new Intent(name, [.. wordings], [.. answers], [.. keys])
                            : throw new FormatException($"{file}: '{name}' needs a Q: and an A: line."));
                    }

                    name = value;
                    wordings.Clear();
                    answers.Clear();
                    keys.Clear();
                    break;
                case "Q:":
                    wordings.Add(Pattern.Parse(value, lexicon.Lists));
                    break;
                case "A:":
                    answers.Add(value);
                    break;
                case "K:":
                    keys.Add(value);
                    break;
                case "":
                    break;
                default:
                    throw new FormatException($"{file}: a line starts with '# ', 'Q:', 'A:' or 'K:', not: {line}");
            }
        }

        return intents;
    }

    private static List<(Intent Intent, string Question)> ParseHeldOut(IEnumerable<string> lines, Dictionary<string, Intent> intents)
    {
        List<(Intent Intent, string Question)> heldOut = [];
        foreach (string line in lines.Where(line => line.Length > 0 && line[0] != '#'))
        {
            int colon = line.IndexOf(": ", StringComparison.Ordinal);
            heldOut.Add(colon > 0 && intents.TryGetValue(line[..colon], out Intent? intent)
                ? (intent, line[(colon + 2)..].Trim())
                : throw new FormatException($"heldout.txt: a line is 'intent: question' with a known intent, not: {line}"));
        }

        return heldOut;
    }
}
