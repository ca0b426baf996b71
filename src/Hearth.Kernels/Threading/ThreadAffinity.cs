using System.Runtime.InteropServices;

namespace Hearth.Kernels.Threading;

/// <summary>Binds threads to processors, where the system allows it: Linux and Windows.</summary>
internal static unsafe partial class ThreadAffinity
{
    private const int MaskWords = 1024 / 64;

    /// <summary>
    /// The logical processors that this process may use, in order; empty where the system does not say, or where the process may use fewer
    /// processors at once than it may run on: a share of a machine's time leaves the choice of processors to the system.
    /// </summary>
    internal static IReadOnlyList<int> Processors { get; } = Find();

    /// <summary>Binds the calling thread to some processors.</summary>
    /// <returns>Whether the system did it.</returns>
    internal static bool TryBind(ReadOnlySpan<int> processors)
    {
        ulong* mask = stackalloc ulong[MaskWords];
        new Span<ulong>(mask, MaskWords).Clear();
        foreach (int processor in processors)
        {
            if (processor >= MaskWords * 64)
            {
                return false;
            }

            mask[processor / 64] |= 1UL << (processor % 64);
        }

        try
        {
            return OperatingSystem.IsLinux() ? SetAffinity(0, MaskWords * sizeof(ulong), mask) == 0
                : OperatingSystem.IsWindows() && mask[0] != 0 && SetThreadAffinityMask(GetCurrentThread(), (nuint)mask[0]) != 0;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    private static int[] Find()
    {
        ulong* mask = stackalloc ulong[MaskWords];
        new Span<ulong>(mask, MaskWords).Clear();
        try
        {
            if (OperatingSystem.IsLinux())
            {
                if (GetAffinity(0, MaskWords * sizeof(ulong), mask) < 0)
                {
                    return [];
                }
            }
            else if (!OperatingSystem.IsWindows() || GetProcessAffinityMask(GetCurrentProcess(), out nuint process, out _) == 0)
            {
                return [];
            }
            else
            {
                mask[0] = process;
            }
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return [];
        }

        List<int> processors = [];
        for (int i = 0; i < MaskWords * 64; i++)
        {
            if ((mask[i / 64] >> (i % 64) & 1) != 0)
            {
                processors.Add(i);
            }
        }

        return processors.Count == Environment.ProcessorCount ? [.. processors] : [];
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nuint bytes, ulong* mask);

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinity(int thread, nuint bytes, ulong* mask);

    [LibraryImport("kernel32")]
    private static partial nint GetCurrentThread();

    [LibraryImport("kernel32")]
    private static partial nint GetCurrentProcess();

    [LibraryImport("kernel32")]
    private static partial nuint SetThreadAffinityMask(nint thread, nuint mask);

    [LibraryImport("kernel32")]
    private static partial int GetProcessAffinityMask(nint process, out nuint processMask, out nuint systemMask);
}
