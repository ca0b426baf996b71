using System.Runtime.InteropServices;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Cache;

/// <summary>The cache's side of one text in the making: how many tokens are stored, and in which blocks.</summary>
public sealed class Sequence
{
    private readonly List<int> _blocks = [];

    /// <summary>Tokens whose keys and values are stored; the next token's position.</summary>
    public int Length { get; private set; }

    /// <summary>The blocks that hold them, in order.</summary>
    public IReadOnlyList<int> Blocks => _blocks;

    /// <summary>The scales of the model's adapters for this text, by the adapter's number; missing ones are 0.</summary>
    public IReadOnlyList<float> AdapterScales { get; init; } = [];

    /// <summary>The slot of its recurrent state, or <see cref="RecurrentStates.None"/>.</summary>
    public int StateSlot { get; internal set; } = RecurrentStates.None;

    /// <summary>The first blocks, whose tokens are known to the pool.</summary>
    internal int PublishedBlocks { get; set; }

    /// <summary>What the first block follows, once the pool has been asked.</summary>
    internal int? PrefixRoot { get; set; }

    /// <summary>The block at whose end a recurrent state was kept that the next one replaces, or null.</summary>
    internal int? StateBlock { get; set; }

    /// <summary><see cref="Blocks"/>; valid until they change.</summary>
    internal ReadOnlySpan<int> BlockTable => CollectionsMarshal.AsSpan(_blocks);

    /// <summary>Blocks that fit before the list of them grows.</summary>
    internal int BlockCapacity => _blocks.Capacity;

    /// <summary>Makes room for the blocks of this many positions, so that steps up to there allocate nothing.</summary>
    internal void Expect(int positions) => _blocks.EnsureCapacity((positions / KvStorage.BlockTokens) + 1);

    internal void AddBlock(int block) => _blocks.Add(block);

    internal void SetBlock(int index, int block) => _blocks[index] = block;

    internal void Advance(int tokens) => Length += tokens;

    /// <summary>Forgets the last tokens but keeps their blocks. Recurrent state cannot go back.</summary>
    internal void Rewind(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)Length, nameof(length));
        Length = length;
    }

    internal void Clear()
    {
        _blocks.Clear();
        Length = 0;
        PublishedBlocks = 0;
        StateBlock = null;
        StateSlot = RecurrentStates.None;
    }
}
