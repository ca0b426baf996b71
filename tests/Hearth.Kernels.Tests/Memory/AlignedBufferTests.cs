using System.Globalization;
using Hearth.Kernels.Memory;

namespace Hearth.Kernels.Tests.Memory;

[Collection(nameof(Alone))]
public sealed class AlignedBufferTests
{
    // Of a size that the C library keeps for itself once it has seen it freed.
    private const int Length = 6 << 20;
    private const int Threads = 8;

    [Fact]
    public async Task MemoryThatIsFreed_GoesBackToTheSystem()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "What a process has is read from /proc.");
        long all = (long)Threads * Length * sizeof(float);
        long before = OwnBytes();

        await FillAndFreeAsync();
        await FillAndFreeAsync();

        Assert.InRange(OwnBytes(), 0, before + (all / 4));
    }

    [Fact]
    public void MemoryThatIsNotUsed_IsNotCommitted()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "What a process has is read from /proc.");
        Array.ForEach([1, 2, 3], _ => Fill());
        long before = OwnBytes();

        using AlignedBuffer<float> buffer = new(Length);

        Assert.InRange(OwnBytes(), 0, before + (Length * sizeof(float) / 2));
        Assert.Equal(0, buffer.Span[Length - 1]);
    }

    private static async Task FillAndFreeAsync()
    {
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            Fill();
            Fill();
        }))];
        Array.ForEach(threads, thread => thread.Start());
        await Task.Run(() => Array.ForEach(threads, thread => thread.Join()), TestContext.Current.CancellationToken);
    }

    private static void Fill()
    {
        using AlignedBuffer<float> buffer = new(Length);
        buffer.Span.Fill(1);
    }

    private static long OwnBytes() =>
        long.Parse(File.ReadLines("/proc/self/status").Single(line => line.StartsWith("RssAnon", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
}

/// <summary>Tests during which no others run: what a process has is that of all of them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
