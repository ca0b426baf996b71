using System.Runtime.InteropServices;

namespace Hearth.Kernels.Memory;

/// <summary>
/// Zeroed native memory. Large blocks are pages of their own, which are committed where they are first used and go back to the system when they
/// are freed. Left to itself, the GNU C library soon takes blocks of up to 32 MiB from heaps that it keeps for each thread.
/// </summary>
internal static unsafe partial class NativeBlock
{
    /// <summary>Bytes from which on a block has pages of its own.</summary>
    internal const int LargeBytes = 256 * 1024;

    private const int MmapThreshold = -3; // M_MMAP_THRESHOLD of malloc.h

    static NativeBlock()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = SetAllocationOption(MmapThreshold, LargeBytes);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            // Other C libraries have no such heaps.
        }
    }

    /// <summary>Allocates.</summary>
    /// <exception cref="OutOfMemoryException">The machine refuses the memory.</exception>
    internal static void* AllocateZeroed(nuint bytes) => NativeMemory.AllocZeroed(bytes);

    /// <summary>Frees what was allocated; null is nothing.</summary>
    internal static void Free(void* block) => NativeMemory.Free(block);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetAllocationOption(int option, int value);
}
