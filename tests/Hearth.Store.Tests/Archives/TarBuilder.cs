using System.Formats.Tar;
using System.Text;

namespace Hearth.Store.Tests.Archives;

/// <summary>Archives for tests, good and bad ones.</summary>
internal sealed class TarBuilder
{
    private readonly List<TarEntry> _entries = [];

    public TarBuilder Add(string name, byte[] content, TarEntryType type = TarEntryType.RegularFile)
    {
        _entries.Add(new PaxTarEntry(type, name) { DataStream = content.Length > 0 ? new MemoryStream(content) : null });
        return this;
    }

    public TarBuilder Add(string name, string content) => Add(name, Encoding.UTF8.GetBytes(content));

    public TarBuilder AddFolder(string name)
    {
        _entries.Add(new PaxTarEntry(TarEntryType.Directory, name));
        return this;
    }

    public TarBuilder AddLink(string name, string target, TarEntryType type)
    {
        _entries.Add(new PaxTarEntry(type, name) { LinkName = target });
        return this;
    }

    public TarBuilder AddOther(string name, TarEntryType type)
    {
        _entries.Add(new PaxTarEntry(type, name));
        return this;
    }

    public TarBuilder Reverse()
    {
        _entries.Reverse();
        return this;
    }

    public byte[] ToBytes()
    {
        using MemoryStream archive = new();
        using (TarWriter writer = new(archive, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (TarEntry entry in _entries)
            {
                writer.WriteEntry(entry);
            }
        }

        return archive.ToArray();
    }

    public static List<(string Name, byte[] Content)> Read(byte[] archive)
    {
        List<(string, byte[])> entries = [];
        using TarReader reader = new(new MemoryStream(archive));
        while (reader.GetNextEntry() is TarEntry entry)
        {
            MemoryStream content = new();
            entry.DataStream?.CopyTo(content);
            entries.Add((entry.Name, content.ToArray()));
        }

        return entries;
    }
}
