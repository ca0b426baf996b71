using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Hearth.Tests.Fuzzing;

/// <summary>Time that this thread has computed, so that other programs do not count; where the system does not say it, time that went by.</summary>
internal static class ThreadClock
{
    private const int ThreadCpuTime = 3;

    /// <summary>The time since some beginning.</summary>
    public static TimeSpan Now => OperatingSystem.IsLinux() && GetTime(ThreadCpuTime, out Timespec time) == 0
        ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0)
        : Stopwatch.GetElapsedTime(0);

    // CA5392: it is looked for in the system's folders. SYSLIB1054: source generation would need unsafe code.
#pragma warning disable CA5392, SYSLIB1054
    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int GetTime(int clock, out Timespec time);
#pragma warning restore CA5392, SYSLIB1054

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
