using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Threading;

public sealed class CpuTopologyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hearth-topology-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Processors_ThatAreThreadsOfOneCoreAreJoined()
    {
        Describe("0,4", "1,5", "2,6", "3,7", "0,4", "1,5", "2,6", "3,7");
        Assert.Equal([[0, 4], [1, 5], [2, 6], [3, 7]], CpuTopology.FindCores(_folder, [0, 1, 2, 3, 4, 5, 6, 7]));
        Assert.Equal([[1, 5], [6]], CpuTopology.FindCores(_folder, [1, 5, 6]));
        Assert.Equal(4, CpuTopology.CountCores(_folder, 8));
        Assert.Equal(3, CpuTopology.CountCores(_folder, 3));
    }

    [Fact]
    public void WithoutAList_ThereAreNoCoresToBindTo()
    {
        Describe("0", "1");
        Assert.Empty(CpuTopology.FindCores(_folder, [0, 1, 2]));
        Assert.Empty(CpuTopology.FindCores(_folder, []));
        Assert.Equal(5, CpuTopology.CountCores(Path.Combine(_folder, "none"), 5));
    }

    [Fact]
    public void ThisMachine_HasCores()
    {
        Assert.InRange(CpuTopology.PhysicalCores, 1, Environment.ProcessorCount);
        Assert.Equal(ThreadAffinity.Processors.Order(), CpuTopology.Cores.SelectMany(core => core).Order());
    }

    [Fact]
    public void ABoundThread_StaysOnItsProcessor()
    {
        if (!OperatingSystem.IsLinux() || ThreadAffinity.Processors.Count == 0)
        {
            Assert.Skip("The system does not bind threads, or gives this process a share of its processors.");
        }

        int processor = ThreadAffinity.Processors[^1];
        string? allowed = null;
        Thread thread = new(() =>
        {
            Assert.True(ThreadAffinity.TryBind([processor]));
            allowed = File.ReadLines("/proc/thread-self/status").First(line => line.StartsWith("Cpus_allowed_list", StringComparison.Ordinal));
        });
        thread.Start();
        thread.Join();
        Assert.Equal($"Cpus_allowed_list:\t{processor}", allowed);
        Assert.False(ThreadAffinity.TryBind([5000]));
    }

    private void Describe(params string[] siblings)
    {
        for (int i = 0; i < siblings.Length; i++)
        {
            string topology = Directory.CreateDirectory(Path.Combine(_folder, $"cpu{i}", "topology")).FullName;
            File.WriteAllText(Path.Combine(topology, "thread_siblings_list"), siblings[i] + "\n");
        }

        Directory.CreateDirectory(Path.Combine(_folder, "cpufreq"));
    }
}
