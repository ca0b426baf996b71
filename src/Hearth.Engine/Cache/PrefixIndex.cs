using System.Runtime.InteropServices;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Cache;

/// <summary>
/// Which full blocks hold which tokens, so that sequences that begin alike share them. A block is known by the block before it and its own
/// token ids: a hash finds a candidate, and the ids are compared before it is used. Blocks that no sequence has stay known until their
/// memory is needed, least recently used first.
/// </summary>
/// <remarks>
/// Equal contents are one block, so the block before names everything before. A block's followers are idle for longer than the block itself
/// (<see cref="KvPool.Release"/> goes backwards, and who uses a follower uses the block), so they are evicted first and no follower ever
/// refers to a block that has got other contents.
/// </remarks>
internal sealed class PrefixIndex(int blocks)
{
    /// <summary>The place before the first block of sequences that share nothing.</summary>
    public const int NoRoot = -1;

    private const int None = -1;
    private const int MaxRoots = 256;
    private readonly Node[] _nodes = new Node[blocks];
    private readonly int[] _tokens = new int[blocks * KvStorage.BlockTokens];
    private readonly Dictionary<Key, int> _byContent = [];
    private readonly List<IReadOnlyList<float>> _roots = [];
    private int _oldest = None;
    private int _newest = None;

    /// <summary>Known blocks that no sequence has.</summary>
    public int IdleCount { get; private set; }

    /// <summary>The place before the first block: keys and values depend on the adapters' scales too.</summary>
    public int RootOf(IReadOnlyList<float> adapterScales)
    {
        int index = _roots.FindIndex(known => known.SequenceEqual(adapterScales));
        if (index < 0)
        {
            if (_roots.Count == MaxRoots)
            {
                return NoRoot;
            }

            index = _roots.Count;
            _roots.Add([.. adapterScales]);
        }

        return NoRoot - 1 - index;
    }

    /// <summary>The block that holds these tokens behind <paramref name="parent"/>, or -1.</summary>
    public int Find(int parent, ReadOnlySpan<int> tokens) =>
        _byContent.TryGetValue(KeyOf(parent, tokens), out int block) && Tokens(block).SequenceEqual(tokens) ? block : None;

    /// <summary>Makes a block known; false when another one stands in its place.</summary>
    public bool TryAdd(int block, int parent, ReadOnlySpan<int> tokens)
    {
        Key key = KeyOf(parent, tokens);
        if (!_byContent.TryAdd(key, block))
        {
            return false;
        }

        tokens.CopyTo(_tokens.AsSpan(block * KvStorage.BlockTokens));
        _nodes[block] = new Node { Key = key, IsKnown = true, Previous = None, Next = None };
        return true;
    }

    public bool IsKnown(int block) => _nodes[block].IsKnown;

    /// <summary>The block or root before a known block.</summary>
    public int ParentOf(int block) => _nodes[block].Key.Parent;

    /// <summary>How often a known block was found by a sequence that did not make it.</summary>
    public int HitsOf(int block) => _nodes[block].Hits;

    public void CountHit(int block) => _nodes[block].Hits++;

    public void SetHits(int block, int hits) => _nodes[block].Hits = hits;

    /// <summary>The token ids of a known block.</summary>
    public ReadOnlySpan<int> Tokens(int block) => _tokens.AsSpan(block * KvStorage.BlockTokens, KvStorage.BlockTokens);

    /// <summary>Notes that no sequence has a known block any more.</summary>
    public void AddIdle(int block)
    {
        ref Node node = ref _nodes[block];
        node.Previous = _newest;
        node.Next = None;
        if (_newest == None)
        {
            _oldest = block;
        }
        else
        {
            _nodes[_newest].Next = block;
        }

        _newest = block;
        IdleCount++;
    }

    /// <summary>Notes that a sequence has the block again.</summary>
    public void RemoveIdle(int block)
    {
        Node node = _nodes[block];
        if (node.Previous == None)
        {
            _oldest = node.Next;
        }
        else
        {
            _nodes[node.Previous].Next = node.Next;
        }

        if (node.Next == None)
        {
            _newest = node.Previous;
        }
        else
        {
            _nodes[node.Next].Previous = node.Previous;
        }

        IdleCount--;
    }

    /// <summary>Forgets the block that has been idle for the longest time, and returns it. There must be one.</summary>
    public int Evict()
    {
        int block = _oldest;
        RemoveIdle(block);
        _byContent.Remove(_nodes[block].Key);
        _nodes[block] = default;
        return block;
    }

    private static Key KeyOf(int parent, ReadOnlySpan<int> tokens)
    {
        // Seeded anew in each process, so that nobody can choose tokens that collide.
        HashCode hash = default;
        hash.AddBytes(MemoryMarshal.AsBytes(tokens));
        return new Key(parent, hash.ToHashCode());
    }

    private readonly record struct Key(int Parent, int Hash);

    private struct Node
    {
        public Key Key;
        public bool IsKnown;
        public int Previous;
        public int Next;
        public int Hits;
    }
}
