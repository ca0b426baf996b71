namespace Hearth.Training.Model;

/// <summary>Dialogues one after another; a token sees only its own dialogue.</summary>
internal sealed class PackedBatch
{
    private readonly List<int> _tokens = [];
    private readonly List<(int Start, int Length)> _sequences = [];
    private readonly List<(int Row, int Target)> _targets = [];

    /// <summary>The token ids of all dialogues.</summary>
    public IReadOnlyList<int> Tokens => _tokens;

    /// <summary>Where each dialogue lies in <see cref="Tokens"/>.</summary>
    public IReadOnlyList<(int Start, int Length)> Sequences => _sequences;

    /// <summary>The rows whose next token is learned, and that token.</summary>
    public IReadOnlyList<(int Row, int Target)> Targets => _targets;

    /// <summary>Appends a dialogue; <paramref name="learned"/>[i] says that token i is part of an answer.</summary>
    public void Add(ReadOnlySpan<int> tokens, ReadOnlySpan<bool> learned)
    {
        int start = _tokens.Count;
        for (int i = 0; i < tokens.Length; i++)
        {
            _tokens.Add(tokens[i]);
            if (i > 0 && learned[i])
            {
                _targets.Add((start + i - 1, tokens[i]));
            }
        }

        _sequences.Add((start, tokens.Length));
    }
}
