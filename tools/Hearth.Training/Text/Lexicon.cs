namespace Hearth.Training.Text;

/// <summary>
/// What the wordings share, read from <c>words.txt</c>. A line is <c>name = a|b|c</c> (a list, used as <c>{name}</c>), or one of
/// <c>@synonyms a|b</c> (words that may stand for each other), <c>@short what is=what's</c>, <c>@case OpenAI|API</c> (proper spellings),
/// <c>@before please|hi</c>, <c>@after thanks</c> (what may stand around a question), <c>@fillers just|really</c> (words without meaning),
/// <c>@stop the|do</c> (words that carry no topic), <c>@frames how do i|why</c> and <c>@tails what now</c> (how questions begin and end),
/// <c>@common apple river</c> (everyday words, also the list <c>{common}</c>), <c>@system TEXT</c> (a system message).
/// </summary>
internal sealed class Lexicon
{
    private static readonly char[] s_edges = ['?', '!', '.', ',', ';', ':', '(', ')', '-'];
    private readonly Dictionary<string, Pattern> _lists = [];
    private readonly Dictionary<string, string[]> _synonyms = [];
    private readonly Dictionary<string, string> _case = [];
    private readonly List<(string Full, string Short)> _short = [];
    private readonly List<string> _before = [];
    private readonly List<string> _after = [];
    private readonly List<string> _fillers = [];
    private readonly List<string> _frames = [];
    private readonly List<string> _tails = [];
    private readonly List<string> _common = [];
    private readonly HashSet<string> _isCommon = [];
    private readonly HashSet<string> _stopWords = [];
    private readonly List<string> _system = [];

    /// <summary>The named lists.</summary>
    public IReadOnlyDictionary<string, Pattern> Lists => _lists;

    /// <summary>Words that may stand for a word, itself among them.</summary>
    public IReadOnlyDictionary<string, string[]> Synonyms => _synonyms;

    /// <summary>The proper spelling of a lower-case word.</summary>
    public IReadOnlyDictionary<string, string> ProperCase => _case;

    /// <summary>Contractions.</summary>
    public IReadOnlyList<(string Full, string Short)> Contractions => _short;

    /// <summary>What may stand before a question.</summary>
    public IReadOnlyList<string> Before => _before;

    /// <summary>What may stand after a question.</summary>
    public IReadOnlyList<string> After => _after;

    /// <summary>Words that may stand anywhere in a question without changing it.</summary>
    public IReadOnlyList<string> Fillers => _fillers;

    /// <summary>Words that say nothing about what is asked.</summary>
    public IReadOnlySet<string> StopWords => _stopWords;

    /// <summary>How questions begin, whatever they ask.</summary>
    public IReadOnlyList<string> Frames => _frames;

    /// <summary>How questions end, whatever they ask.</summary>
    public IReadOnlyList<string> Tails => _tails;

    /// <summary>Everyday words that have nothing to do with Hearth.</summary>
    public IReadOnlyList<string> Common => _common;

    /// <summary>True for a word of <see cref="Common"/>.</summary>
    public bool IsCommon(string word) => _isCommon.Contains(word);

    /// <summary>System messages.</summary>
    public IReadOnlyList<string> SystemMessages => _system;

    /// <summary>Reads the lines of a lexicon.</summary>
    /// <exception cref="FormatException">A line is none of the known kinds.</exception>
    public static Lexicon Parse(IEnumerable<string> lines)
    {
        var lexicon = new Lexicon();
        foreach (string line in lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            string rest = space < 0 ? "" : line[(space + 1)..].Trim();
            switch (space < 0 ? line : line[..space])
            {
                case "@synonyms":
                    string[] words = rest.Split('|');
                    foreach (string word in words)
                    {
                        lexicon._synonyms.Add(word, words);
                    }

                    break;
                case "@short":
                    string[] sides = rest.Split('=');
                    lexicon._short.Add((sides[0], sides[1]));
                    break;
                case "@case":
                    foreach (string word in rest.Split('|'))
                    {
                        lexicon._case.Add(word.ToLowerInvariant(), word);
                    }

                    break;
                case "@before":
                    lexicon._before.AddRange(rest.Split('|'));
                    break;
                case "@after":
                    lexicon._after.AddRange(rest.Split('|'));
                    break;
                case "@fillers":
                    lexicon._fillers.AddRange(rest.Split('|'));
                    break;
                case "@stop":
                    lexicon._stopWords.UnionWith(rest.Split('|'));
                    break;
                case "@frames":
                    lexicon._frames.AddRange(rest.Split('|'));
                    break;
                case "@tails":
                    lexicon._tails.AddRange(rest.Split('|'));
                    break;
                case "@common":
                    string[] common = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                    lexicon._common.AddRange(common);
                    lexicon._isCommon.UnionWith(common);
                    lexicon._lists.TryAdd("common", Pattern.Parse(string.Join('|', common), lexicon._lists));
                    break;
                case "@system":
                    lexicon._system.Add(rest);
                    break;
                case string name when rest.StartsWith("= ", StringComparison.Ordinal):
                    lexicon._lists.Add(name, Pattern.Parse(rest[2..], lexicon._lists));
                    break;
                default:
                    throw new FormatException($"words.txt: this line is neither 'name = a|b' nor a known '@' line: {line}");
            }
        }

        return lexicon;
    }

    /// <summary>
    /// The words of a text for comparison: lower case, without quotes and without punctuation at the edges, contractions written out, each
    /// synonym replaced by the first of its line.
    /// </summary>
    public IReadOnlyList<string> Normalize(string text)
    {
        string lower = text.ToLowerInvariant();
        foreach ((string full, string contraction) in _short)
        {
            lower = lower == contraction
                ? full
                : $" {lower} ".Replace($" {contraction} ", $" {full} ", StringComparison.Ordinal).Trim();
        }

        return
        [
            .. lower.Replace("'", "", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal)
                .Replace("`", "", StringComparison.Ordinal)
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
                .Select(word => word.Trim(s_edges))
                .Where(word => word.Length > 0)
                .Select(word => _synonyms.TryGetValue(word, out string[]? same) ? same[0] : word),
        ];
    }
}
