namespace Hearth.Kernels.Threading;

/// <summary>What the operating system says about the processor's cores.</summary>
internal static class CpuTopology
{
    private const string LinuxFolder = "/sys/devices/system/cpu";

    /// <summary>Physical cores, at most as many as this process may use at once; one or more.</summary>
    internal static int PhysicalCores { get; } = CountCores(LinuxFolder, Environment.ProcessorCount);

    /// <summary>Counts cores by their sets of sibling threads, where the system lists these.</summary>
    /// <param name="folder">Linux's folder of processors; elsewhere it does not exist.</param>
    /// <param name="available">Logical processors that this process may use: the answer when nothing is listed.</param>
    internal static int CountCores(string folder, int available)
    {
        try
        {
            HashSet<string> cores = [];
            foreach (string processor in Directory.EnumerateDirectories(folder, "cpu*"))
            {
                string siblings = Path.Combine(processor, "topology", "thread_siblings_list");
                if (File.Exists(siblings))
                {
                    cores.Add(File.ReadAllText(siblings).Trim());
                }
            }

            return cores.Count > 0 ? Math.Min(cores.Count, available) : available;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return available;
        }
    }
}
