using Hearth.Kernels.Memory;

namespace Hearth.Engine.Cache;

/// <summary>Where one layer's recurrent state lies in the state of a sequence.</summary>
/// <param name="Offset">Elements before it.</param>
/// <param name="Length">Its elements.</param>
public readonly record struct RecurrentState(int Offset, int Length);

/// <summary>
/// The states of recurrent layers (convolutions, state spaces): a fixed number of floats for each sequence, whatever its length.
/// </summary>
/// <param name="length">Elements of a sequence's state; 0 for models without recurrent layers.</param>
public sealed class RecurrentStates(int length) : IDisposable
{
    private readonly List<AlignedBuffer<float>> _slots = [];
    private readonly Stack<int> _free = [];

    /// <summary>The slot of sequences without state.</summary>
    public const int None = -1;

    /// <summary>Elements of a sequence's state.</summary>
    public int Length => length;

    /// <summary>The part of a sequence's state that belongs to a layer.</summary>
    public Span<float> Span(int slot, RecurrentState state) => _slots[slot].Span.Slice(state.Offset, state.Length);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (AlignedBuffer<float> slot in _slots)
        {
            slot.Dispose();
        }
    }

    /// <summary>A zeroed slot.</summary>
    internal int Acquire()
    {
        if (length == 0)
        {
            return None;
        }

        if (!_free.TryPop(out int slot))
        {
            _slots.Add(new AlignedBuffer<float>(length));
            slot = _slots.Count - 1;
        }

        _slots[slot].Span.Clear();
        return slot;
    }

    /// <summary>The whole state of a slot.</summary>
    internal Span<float> Whole(int slot) => _slots[slot].Span[..length];

    internal void Release(int slot)
    {
        if (slot != None)
        {
            _free.Push(slot);
        }
    }
}
