using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Threading;

public sealed class WorkSharesTests
{
    [Theory]
    [InlineData(1, 100, 7, 1)]
    [InlineData(3, 100, 7, 1)]
    [InlineData(4, 1000, 64, 32)]
    [InlineData(4, 3, 1, 1)]
    [InlineData(2, 33, 40, 32)]
    [InlineData(5, 0, 4, 1)]
    public void EveryIndexIsTakenOnce_WhoeverTakes(int workers, int count, int piece, int granularity)
    {
        using WorkShares shares = new(workers);
        Random random = new(7);
        for (int round = 0; round < 20; round++)
        {
            shares.Reset(count, piece, granularity);
            var taken = new int[count];
            int only = round % 2 == 0 ? random.Next(workers) : -1;
            while (shares.TryTake(only >= 0 ? only : random.Next(workers), out WorkRange range))
            {
                Assert.True(range.Count > 0);
                Assert.Equal(0, range.Start % granularity);
                for (int i = range.Start; i < range.End; i++)
                {
                    taken[i]++;
                }
            }

            Assert.All(taken, times => Assert.Equal(1, times));
        }
    }

    [Fact]
    public void AWorkerReadsItsShareFromTheFront_AndStealsFromTheBackOfTheLargest()
    {
        using WorkShares shares = new(3);
        shares.Reset(90, 10, 1);
        List<WorkRange> ranges = [];
        Assert.True(shares.TryTake(2, out _));
        while (shares.TryTake(0, out WorkRange range))
        {
            ranges.Add(range);
        }

        WorkRange[] expected =
        [
            new(0, 10), new(10, 20), new(20, 30), new(50, 60), new(40, 50), new(80, 90), new(30, 40), new(70, 80),
        ];
        Assert.Equal(expected, ranges);
    }

    [Fact]
    public void ThreadsTakeEveryIndexOnce()
    {
        const int Workers = 4;
        const int Count = 200_000;
        using WorkShares shares = new(Workers);
        var taken = new int[Count];
        shares.Reset(Count, 3, 1);
        Thread[] threads = [.. Enumerable.Range(0, Workers).Select(worker => new Thread(() =>
        {
            while (shares.TryTake(worker, out WorkRange range))
            {
                for (int i = range.Start; i < range.End; i++)
                {
                    Interlocked.Increment(ref taken[i]);
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.All(taken, times => Assert.Equal(1, times));
    }
}
