using Hearth.Engine.Cache;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Scheduling;

/// <summary>
/// Shares a step's prompt tokens out: most to the oldest prompt, so that each gets done, and a part to the shortest of the others, so that a
/// question need not wait for a book. What runs in the background gets what is left. What another sequence has stored or is about to store is
/// not computed again, unless its log-probabilities are wanted.
/// </summary>
internal sealed class PrefillPlanner(KvPool pool)
{
    private const int OldestShareNumerator = 3;
    private const int OldestShareDenominator = 4;

    // Each row of logits is as long as the vocabulary.
    private const int MaxScoredTokens = 64;
    private readonly List<ScheduledSequence> _others = [];
    private int _scoreRoom;

    /// <summary>Sets the <see cref="ScheduledSequence.Allotment"/> of each sequence that still reads.</summary>
    /// <param name="active">The running sequences, oldest first, those in the background last.</param>
    /// <param name="budget">Prompt tokens that the step takes.</param>
    /// <returns>The oldest prompt, or null when nobody reads.</returns>
    public ScheduledSequence? Plan(IReadOnlyList<ScheduledSequence> active, int budget)
    {
        ScheduledSequence? oldest = null;
        _others.Clear();
        _scoreRoom = MaxScoredTokens;
        foreach (ScheduledSequence sequence in active)
        {
            if (sequence.IsDecoding)
            {
                continue;
            }

            sequence.Allotment = 0;
            if (sequence.MayAdopt)
            {
                sequence.NoteAdopted(pool.Adopt(sequence.Cache, sequence.Tokens));
            }

            if (oldest is null)
            {
                oldest = sequence;
            }
            else
            {
                _others.Add(sequence);
            }
        }

        if (oldest is null)
        {
            return null;
        }

        bool isShared = _others.Exists(other => other.IsBackground == oldest.IsBackground);
        int share = isShared ? budget * OldestShareNumerator / OldestShareDenominator : budget;
        oldest.Allotment = ChunkLength(oldest, share);
        int left = budget - oldest.Allotment;
        _others.Sort(Compare);
        for (int i = 0; i < _others.Count && left > 0; i++)
        {
            if (!IsBeingComputed(_others[i], oldest, i))
            {
                _others[i].Allotment = ChunkLength(_others[i], left);
                left -= _others[i].Allotment;
            }
        }

        if (!oldest.IsScoring)
        {
            oldest.Allotment = ChunkLength(oldest, oldest.Allotment + left);
        }

        return oldest;
    }

    // States are kept at the ends of blocks, so the chunks of recurrent models end there, and one ends with the prompt's last full block.
    private int ChunkLength(ScheduledSequence sequence, int room)
    {
        if (!sequence.IsScoring)
        {
            return ChunkWithin(sequence, room);
        }

        int length = ChunkWithin(sequence, Math.Min(room, _scoreRoom));
        _scoreRoom -= length;
        return length;
    }

    private int ChunkWithin(ScheduledSequence sequence, int room)
    {
        if (pool.States.Length == 0)
        {
            return Math.Min(sequence.Pending, room);
        }

        int length = sequence.Cache.Length;
        int end = length + Math.Min(sequence.Pending, room);
        int boundary = Math.Min(end, sequence.Tokens.Length - 1) / KvStorage.BlockTokens * KvStorage.BlockTokens;
        return (boundary > length ? boundary : end) - length;
    }

    private static int Compare(ScheduledSequence first, ScheduledSequence second) =>
        first.IsBackground != second.IsBackground ? first.IsBackground.CompareTo(second.IsBackground)
        : first.Pending != second.Pending ? first.Pending.CompareTo(second.Pending)
        : first.Arrival.CompareTo(second.Arrival);

    private bool IsBeingComputed(ScheduledSequence sequence, ScheduledSequence oldest, int others)
    {
        if (!sequence.MayAdopt)
        {
            return false;
        }

        if (IsSameBlock(sequence, oldest))
        {
            return true;
        }

        for (int i = 0; i < others; i++)
        {
            if (_others[i].Allotment > 0 && IsSameBlock(sequence, _others[i]))
            {
                return true;
            }
        }

        return false;
    }

    // Whether the first sequence's next block is one that the other is about to fill.
    private bool IsSameBlock(ScheduledSequence one, ScheduledSequence other)
    {
        int length = one.Cache.Length;
        int before = length / KvStorage.BlockTokens;
        int root = pool.RootOf(one.Cache);
        return length % KvStorage.BlockTokens == 0 && before == other.Cache.Length / KvStorage.BlockTokens
            && root != PrefixIndex.NoRoot && root == pool.RootOf(other.Cache)
            && one.Pending > KvStorage.BlockTokens && other.Tokens.Length >= length + KvStorage.BlockTokens
            && (before == 0 || one.Cache.Blocks[before - 1] == other.Cache.Blocks[before - 1])
            && one.Tokens.Slice(length, KvStorage.BlockTokens).SequenceEqual(other.Tokens.Slice(length, KvStorage.BlockTokens));
    }
}
