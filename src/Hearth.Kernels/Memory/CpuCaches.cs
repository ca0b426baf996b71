using System.Globalization;

namespace Hearth.Kernels.Memory;

/// <summary>What the operating system says about the processor's caches.</summary>
public static class CpuCaches
{
    private const string LinuxFolder = "/sys/devices/system/cpu";

    /// <summary>Bytes of all caches of the last level together; 0 where the system does not say.</summary>
    public static long LastLevelBytes { get; } = ReadLastLevel(LinuxFolder);

    /// <summary>Adds up the caches of the highest level, each once however many processors share it.</summary>
    /// <param name="folder">Linux's folder of processors; elsewhere it does not exist.</param>
    internal static long ReadLastLevel(string folder)
    {
        try
        {
            Dictionary<string, long> caches = [];
            int lastLevel = 0;
            foreach (string processor in Directory.EnumerateDirectories(folder, "cpu*"))
            {
                string list = Path.Combine(processor, "cache");
                foreach (string cache in Directory.Exists(list) ? Directory.EnumerateDirectories(list, "index*") : [])
                {
                    string Read(string name) => File.ReadAllText(Path.Combine(cache, name)).Trim();

                    int level = int.Parse(Read("level"), CultureInfo.InvariantCulture);
                    if (level > lastLevel)
                    {
                        caches.Clear();
                        lastLevel = level;
                    }

                    if (level == lastLevel)
                    {
                        caches[Read("shared_cpu_list")] = ParseSize(Read("size"));
                    }
                }
            }

            return caches.Values.Sum();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException or OverflowException)
        {
            return 0;
        }
    }

    private static long ParseSize(string text) =>
        text.EndsWith('K') ? Number(text[..^1]) << 10 : text.EndsWith('M') ? Number(text[..^1]) << 20 : Number(text);

    private static long Number(string digits) => long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
}
