using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Threading;

public sealed class WorkRangeTests
{
    [Theory]
    [InlineData(0, 3, 1)]
    [InlineData(1, 4, 1)]
    [InlineData(100, 3, 8)]
    [InlineData(7, 2, 16)]
    [InlineData(int.MaxValue, 64, 16)]
    public void Shares_CoverEverythingOnce(int count, int workers, int granularity)
    {
        int next = 0;
        for (int worker = 0; worker < workers; worker++)
        {
            WorkRange range = WorkRange.Of(count, worker, workers, granularity);
            Assert.Equal(next, range.Start);
            Assert.True(range.Count >= 0);
            Assert.True(range.Start % granularity == 0 || range.Start == count);
            next = range.End;
        }

        Assert.Equal(count, next);
    }

    [Fact]
    public void Shares_AreEven()
    {
        int[] counts = [.. Enumerable.Range(0, 7).Select(worker => WorkRange.Of(1000, worker, 7).Count)];
        Assert.InRange(counts.Max() - counts.Min(), 0, 1);
    }

    [Fact]
    public void PhysicalCores_CountsSetsOfSiblings()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            for (int processor = 0; processor < 8; processor++)
            {
                string topology = Directory.CreateDirectory(Path.Combine(folder, $"cpu{processor}", "topology")).FullName;
                File.WriteAllText(Path.Combine(topology, "thread_siblings_list"), $"{processor % 4},{(processor % 4) + 4}\n");
            }

            Directory.CreateDirectory(Path.Combine(folder, "cpufreq"));
            Assert.Equal(4, CpuTopology.CountCores(folder, 8));
            Assert.Equal(2, CpuTopology.CountCores(folder, 2));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        Assert.Equal(5, CpuTopology.CountCores(folder, 5));
    }
}
