using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Hearth.Kernels.Threading;

/// <summary>A counter that threads wait on: they spin for a moment and then sleep.</summary>
internal sealed class Signal
{
    private static readonly long s_pauseTicks = Stopwatch.Frequency / 200_000; // 5 microseconds
    private static readonly long s_spinTicks = Stopwatch.Frequency / 12_500; // 80 microseconds

    private readonly object _gate = new();
    private Padded _value;
    private int _sleepers;

    /// <summary>Sets the counter while nobody waits for the value.</summary>
    internal void Set(int value) => Volatile.Write(ref _value.Number, value);

    /// <summary>Adds one and wakes who sleeps.</summary>
    internal void Increment()
    {
        Interlocked.Increment(ref _value.Number);
        Wake();
    }

    /// <summary>Subtracts one and, when nothing is left, wakes who sleeps.</summary>
    internal void Decrement()
    {
        if (Interlocked.Decrement(ref _value.Number) == 0)
        {
            Wake();
        }
    }

    /// <summary>Waits until the counter has a value.</summary>
    internal void Await(int value)
    {
        long start = 0;
        while (Volatile.Read(ref _value.Number) != value)
        {
            Thread.SpinWait(1);
            long now = Stopwatch.GetTimestamp();
            if (start == 0)
            {
                start = now;
            }
            else if (now - start > s_spinTicks)
            {
                Sleep(value);
            }
            else if (now - start > s_pauseTicks)
            {
                // On a busy machine the thread that this one waits for may be waiting for this one's processor.
                Thread.Yield();
            }
        }
    }

    private void Sleep(int value)
    {
        lock (_gate)
        {
            // Announced before the counter is read: whoever changes it later sees a sleeper, and needs the gate to wake it.
            Interlocked.Increment(ref _sleepers);
            while (Volatile.Read(ref _value.Number) != value)
            {
                Monitor.Wait(_gate);
            }

            Interlocked.Decrement(ref _sleepers);
        }
    }

    private void Wake()
    {
        if (Volatile.Read(ref _sleepers) != 0)
        {
            lock (_gate)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>A number with cache lines of its own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Padded
    {
        [FieldOffset(128)]
        public int Number;
    }
}
