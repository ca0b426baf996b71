using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using Hearth.Cli.Configuration;
using Hearth.Cli.Remote;
using Hearth.Kernels;
using Hearth.Server;
using Hearth.Server.Settings;
using Hearth.Store.Registries;

namespace Hearth.Cli.Diagnosis;

/// <summary>Looks at this machine and at what is set.</summary>
internal sealed class MachineChecks(CliContext context)
{
    private const long LittleMemory = 2L << 30;
    private const long LittleSpace = 5_000_000_000;
    private const long NoSpace = 100_000_000;
    private const int FewFiles = 1024;
    private const int WrittenBytes = 64 << 20;
    private const double SlowDrive = 50e6;

    public IEnumerable<Finding> Run()
    {
        yield return Settings();
        yield return Memory();
        yield return Instructions();
        yield return Cores();
        yield return Space();
        yield return Drive();
        yield return Files();
        yield return Clock();
        foreach (Finding port in Ports())
        {
            yield return port;
        }
    }

    /// <summary>Whether what is set can be read.</summary>
    public Finding Settings()
    {
        try
        {
            ProgramConfiguration configuration = new(context);
            int set = ProgramSettingTable.All.Count(setting => configuration.Find(setting).Source != SettingSource.Default);
            return Finding.Ok("settings", $"{set} set, the rest are defaults");
        }
        catch (Exception exception) when (exception is CliUsageException or SettingsFileException)
        {
            return Finding.Failed("settings", exception.Message, "Correct it; 'hearth config' shows what is in force.");
        }
    }

    private static Finding Memory()
    {
        long bytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        string detail = $"{HumanText.Size(bytes)} that this process may use";
        return bytes < LittleMemory
            ? Finding.Warning("memory", detail, "Run small models of few bits, or give the container or the service more memory.")
            : Finding.Ok("memory", detail);
    }

    private static Finding Instructions()
    {
        try
        {
            return MachineInstructions.AreVectors ? Finding.Ok("instructions", MachineInstructions.Name)
                : Finding.Warning("instructions", MachineInstructions.Name, "Models run many times slower than on a processor with AVX2 or NEON; unset HEARTH_ISA if it is set.");
        }
        catch (PlatformNotSupportedException exception)
        {
            return Finding.Failed("instructions", exception.Message, "Unset HEARTH_ISA.");
        }
    }

    private static Finding Cores() => Environment.ProcessorCount > 1
        ? Finding.Ok("cores", $"{Environment.ProcessorCount} logical cores")
        : Finding.Warning("cores", "1 logical core", "Give the process more cores; a model computes on all that it gets.");

    /// <summary>How much room there is for models.</summary>
    public Finding Space()
    {
        string folder = Existing(context.OpenStore().Folder);
        try
        {
            long free = new DriveInfo(folder).AvailableFreeSpace;
            string detail = $"{HumanText.Size(free)} free at {folder}";
            return free < NoSpace ? Finding.Failed("space", detail, "Make room, with 'hearth prune' or 'hearth rm', or move the models with 'hearth move'.")
                : free < LittleSpace ? Finding.Warning("space", detail, "Many models are larger. Make room, or move the models with 'hearth move'.")
                : Finding.Ok("space", detail);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Finding.Warning("space", exception.Message, "Look at the drive of the models.");
        }
    }

    // What is written is random, for some drives compress; what is read back would come from memory.
    private Finding Drive()
    {
        string store = context.OpenStore().Folder;
        string folder = Existing(store);
        string path = Path.Combine(folder, $".hearth-doctor-{Environment.ProcessId}");
        try
        {
            _ = Directory.EnumerateFileSystemEntries(folder).Any();
            byte[] bytes = RandomNumberGenerator.GetBytes(WrittenBytes / 16);
            long started = Stopwatch.GetTimestamp();
            using (FileStream file = new(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose))
            {
                for (int part = 0; part < 16; part++)
                {
                    file.Write(bytes);
                }

                file.Flush(flushToDisk: true);
            }

            double rate = WrittenBytes / Stopwatch.GetElapsedTime(started).TotalSeconds;
            string detail = $"{store} can be read and written, at {rate / 1e6:F0} MB/s";
            return rate < SlowDrive ? Finding.Warning("store", detail, "Models load slowly from such a drive; 'hearth move' takes them to another.") : Finding.Ok("store", detail);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Finding.Failed("store", exception.Message, "Give this user the folder, or choose another one with HEARTH_HOME or HEARTH_MODELS.");
        }
    }

    private static Finding Files()
    {
        const string Limits = "/proc/self/limits";
        string? line = File.Exists(Limits) ? File.ReadLines(Limits).FirstOrDefault(text => text.StartsWith("Max open files", StringComparison.Ordinal)) : null;
        string? soft = line?["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return !int.TryParse(soft, CultureInfo.InvariantCulture, out int files) ? Finding.Ok("limits", soft is null ? "not told by this system" : $"{soft} open files")
            : files < FewFiles ? Finding.Warning("limits", $"{files} open files", $"Each connection needs one; raise the limit to {FewFiles} or more, with 'ulimit -n' or LimitNOFILE=.")
            : Finding.Ok("limits", $"{files} open files");
    }

    // A clock before the time at which this was built is wrong, and then no certificate is valid.
    private Finding Clock()
    {
        DateTimeOffset now = context.Time.GetUtcNow();
        DateTime built = File.GetLastWriteTimeUtc(Environment.ProcessPath ?? AppContext.BaseDirectory);
        string detail = now.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return now.UtcDateTime < built.AddDays(-1) ? Finding.Failed("clock", detail, "Set the clock; with a wrong one no registry can be trusted.") : Finding.Ok("clock", detail);
    }

    private List<Finding> Ports()
    {
        List<Finding> findings = [];
        try
        {
            SettingValue listen = new ProgramConfiguration(context).Find(ProgramSettingTable.Listen);
            foreach (string text in listen.Texts.DefaultIfEmpty(ListenAddress.Default.Text).Where(text => !text.StartsWith("unix:", StringComparison.Ordinal)))
            {
                findings.Add(Port(text));
            }
        }
        catch (Exception exception) when (exception is CliUsageException or SettingsFileException)
        {
            // Told under the settings.
        }

        return findings;
    }

    private Finding Port(string text)
    {
        Uri url = ServerAddress.OfListener(text, context).Url;
        using TcpClient client = new();
        try
        {
            client.Connect(url.Host, url.Port);
        }
        catch (SocketException)
        {
            return Finding.Ok("port", $"{text} is free");
        }

        using HttpClient http = new(ServerTrust.CreateHandler(url, context)) { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, new Uri(url, "/health/live"));
            using HttpResponseMessage response = http.Send(request);
            return response.IsSuccessStatusCode ? Finding.Ok("port", $"a server runs at {text}") : Taken();
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or RegistryException)
        {
            return Taken();
        }

        Finding Taken() => Finding.Warning("port", $"another program has {text}", "End it, or choose another address with --listen or HEARTH_LISTEN.");
    }

    private static string Existing(string folder)
    {
        string? existing = Path.GetFullPath(folder);
        while (existing is not null && !Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing);
        }

        return existing ?? folder;
    }
}
