using Hearth.Engine.Devices;

namespace Hearth.Engine.Models.Blocks;

/// <summary>A block's claim on shared activations.</summary>
/// <param name="Index">Which activations.</param>
/// <param name="Columns">Elements of a row that the block uses.</param>
internal readonly record struct ScratchSlot(int Index, int Columns);

/// <summary>Activations that blocks share by name; every step overwrites them, and each is as wide as its widest user needs.</summary>
internal sealed class Scratch
{
    private readonly List<string> _names = [];
    private readonly List<int> _columns = [];
    private Tensor[] _tensors = [];
    private int _rows;

    /// <summary>Elements that a token needs.</summary>
    public long Columns => _columns.Sum(columns => (long)columns);

    /// <summary>Claims activations; claims of one name share memory.</summary>
    public ScratchSlot Reserve(string name, int columns)
    {
        int index = _names.IndexOf(name);
        if (index < 0)
        {
            _names.Add(name);
            _columns.Add(columns);
            return new ScratchSlot(_names.Count - 1, columns);
        }

        _columns[index] = Math.Max(_columns[index], columns);
        return new ScratchSlot(index, columns);
    }

    /// <summary>Makes room for steps of this many tokens.</summary>
    public void EnsureRows(Device device, int rows)
    {
        if (rows <= _rows)
        {
            return;
        }

        bool isFirst = _tensors.Length == 0;
        _tensors = isFirst ? new Tensor[_columns.Count] : _tensors;
        for (int i = 0; i < _tensors.Length; i++)
        {
            _tensors[i] = isFirst ? device.Allocate(rows, _columns[i]) : device.Resize(_tensors[i], rows);
        }

        _rows = rows;
    }

    /// <summary>The activations <c>[tokens, slot.Columns]</c>.</summary>
    public Tensor Take(ScratchSlot slot, int tokens) => _tensors[slot.Index] with { Rows = tokens, Columns = slot.Columns };
}
