using System.Runtime.CompilerServices;

namespace Hearth.Kernels.Memory;

/// <summary>Zeroed native memory, aligned to 64 bytes, for activations and caches. Large memory is committed where it is first used.</summary>
/// <typeparam name="T">The element.</typeparam>
public sealed unsafe class AlignedBuffer<T> : IDisposable
    where T : unmanaged
{
    private const nuint Alignment = 64;
    private readonly int _length;
    private void* _allocation;
    private T* _pointer;

    /// <summary>Allocates <paramref name="length"/> zeroed elements.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    /// <exception cref="OutOfMemoryException">The machine refuses the memory.</exception>
    public AlignedBuffer(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        _allocation = NativeBlock.AllocateZeroed(checked(((nuint)length * (nuint)sizeof(T)) + Alignment));
        _pointer = (T*)(((nuint)_allocation + Alignment - 1) & ~(Alignment - 1));
        _length = length;
    }

    /// <summary>Frees what was not disposed.</summary>
    ~AlignedBuffer() => Free();

    /// <summary>Elements allocated.</summary>
    public int Length => _length;

    /// <summary>The whole buffer.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    public Span<T> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ObjectDisposedException.ThrowIf(_pointer is null, this);
            return new Span<T>(_pointer, _length);
        }
    }

    internal T* Pointer => _pointer;

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeBlock.Free(_allocation);
        _allocation = null;
        _pointer = null;
    }
}
