namespace Hearth.Kernels.Threading;

/// <summary>What the operating system says about the processor's cores.</summary>
internal static class CpuTopology
{
    private const string LinuxFolder = "/sys/devices/system/cpu";

    /// <summary>
    /// The logical processors of each physical core that this process may use; empty where the system does not say, or lets the process use
    /// fewer processors at once than it may run on.
    /// </summary>
    internal static IReadOnlyList<int[]> Cores { get; } = FindCores(LinuxFolder, ThreadAffinity.Processors);

    /// <summary>Physical cores, at most as many as this process may use at once; one or more.</summary>
    internal static int PhysicalCores { get; } =
        Cores.Count > 0 ? Cores.Count : CountCores(LinuxFolder, Environment.ProcessorCount);

    /// <summary>Counts cores by their sets of sibling threads, where the system lists these.</summary>
    /// <param name="folder">Linux's folder of processors; elsewhere it does not exist.</param>
    /// <param name="available">Logical processors that this process may use at once: the answer when nothing is listed.</param>
    internal static int CountCores(string folder, int available)
    {
        try
        {
            int cores = Directory.EnumerateDirectories(folder, "cpu*").Select(SiblingsIn).OfType<string>().Distinct().Count();
            return cores > 0 ? Math.Min(cores, available) : available;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return available;
        }
    }

    /// <summary>Joins processors that are threads of one core, in order; without a list of siblings there are no cores.</summary>
    /// <param name="folder">Linux's folder of processors.</param>
    /// <param name="processors">Processors that this process may use.</param>
    internal static IReadOnlyList<int[]> FindCores(string folder, IReadOnlyList<int> processors)
    {
        try
        {
            string?[] siblings = [.. processors.Select(processor => SiblingsIn(Path.Combine(folder, $"cpu{processor}")))];
            return siblings.Contains(null)
                ? []
                : [.. processors.Zip(siblings).GroupBy(pair => pair.Second).Select(core => core.Select(pair => pair.First).ToArray())];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string? SiblingsIn(string processor)
    {
        string file = Path.Combine(processor, "topology", "thread_siblings_list");
        return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
    }
}
