using System.Runtime.InteropServices;
using Hearth.Engine.Cache;

namespace Hearth.Engine.Models;

/// <summary>Which rows of a run of tokens need logits.</summary>
public enum LogitRows
{
    /// <summary>None: the tokens only fill the cache.</summary>
    None,

    /// <summary>The last token's.</summary>
    Last,

    /// <summary>Every token's.</summary>
    All,
}

/// <summary>One step's work: runs of tokens, each continuing a sequence.</summary>
public sealed class Batch
{
    private readonly List<int> _tokens = [];
    private readonly List<Run> _runs = [];

    /// <summary>Tokens in the batch.</summary>
    public int TokenCount => _tokens.Count;

    /// <summary>Rows of logits that the batch asks for.</summary>
    public int OutputRowCount { get; private set; }

    /// <summary>Its runs; valid until the batch changes.</summary>
    internal ReadOnlySpan<Run> Runs => CollectionsMarshal.AsSpan(_runs);

    /// <summary>Adds tokens that continue a sequence, which may appear once in a batch.</summary>
    /// <exception cref="ArgumentException">No tokens, or the sequence is in the batch already.</exception>
    public void Add(Sequence sequence, ReadOnlySpan<int> tokens, LogitRows logits)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        if (tokens.IsEmpty || Has(sequence))
        {
            throw new ArgumentException(tokens.IsEmpty ? "A run needs at least one token." : "The sequence is in the batch already.", nameof(tokens));
        }

        _runs.Add(new Run(sequence, _tokens.Count, tokens.Length, logits));
        foreach (int token in tokens)
        {
            _tokens.Add(token);
        }

        OutputRowCount += logits switch { LogitRows.None => 0, LogitRows.Last => 1, _ => tokens.Length };
    }

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        _tokens.Clear();
        _runs.Clear();
        OutputRowCount = 0;
    }

    internal int Token(int row) => _tokens[row];

    private bool Has(Sequence sequence)
    {
        foreach (Run run in _runs)
        {
            if (ReferenceEquals(run.Sequence, sequence))
            {
                return true;
            }
        }

        return false;
    }

    internal readonly record struct Run(Sequence Sequence, int FirstRow, int Count, LogitRows Logits);
}
