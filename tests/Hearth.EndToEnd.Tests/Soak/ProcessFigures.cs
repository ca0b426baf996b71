using System.Globalization;

namespace Hearth.EndToEnd.Tests.Soak;

/// <summary>What a process of this machine has, as Linux tells it.</summary>
/// <param name="Files">Open files, sockets among them.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Memory">Bytes of memory that are the process's own: no files that are mapped.</param>
/// <param name="Resident">Bytes of memory, with them.</param>
internal sealed record ProcessFigures(int Files, int Threads, long Memory, long Resident)
{
    public static ProcessFigures Of(int process)
    {
        Dictionary<string, string> status = File.ReadLines($"/proc/{process}/status").Select(line => line.Split(':', 2)).ToDictionary(line => line[0], line => line[1].Trim());
        long Bytes(string name) => long.Parse(status[name].Split(' ')[0], CultureInfo.InvariantCulture) * 1024;
        return new ProcessFigures(
            Directory.GetFileSystemEntries($"/proc/{process}/fd").Length, int.Parse(status["Threads"], CultureInfo.InvariantCulture), Bytes("RssAnon"), Bytes("VmRSS"));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Files} files, {Threads} threads, {Memory / 1e6:F1} MB own, {Resident / 1e6:F1} MB resident");
}
