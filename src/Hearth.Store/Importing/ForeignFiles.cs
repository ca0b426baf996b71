using System.IO.Enumeration;
using System.Text;
using System.Text.Json;
using Hearth.Store.Manifests;

namespace Hearth.Store.Importing;

/// <summary>Looks at other programs' files. What cannot be read, or is a link that leads elsewhere, counts as not there.</summary>
internal static class ForeignFiles
{
    private const int MaxDepth = 8;

    /// <summary>The folders in a folder that are no links.</summary>
    public static IReadOnlyList<string> Folders(string folder) => Enumerate(folder, directories: true, depth: 0);

    /// <summary>The files in a folder, links among them.</summary>
    public static IReadOnlyList<string> Files(string folder) => Enumerate(folder, directories: false, depth: 0);

    /// <summary>The files in a folder and in those below it, links to files among them.</summary>
    public static IReadOnlyList<string> AllFiles(string folder) => Enumerate(folder, directories: false, MaxDepth);

    /// <summary>A file that is there and is no link; null else.</summary>
    public static FileInfo? Plain(string path) => new FileInfo(path) is { Exists: true, LinkTarget: null } file ? file : null;

    /// <summary>A file that is there, or that a link leads to which does not leave a folder; null else.</summary>
    /// <param name="path">The file or link.</param>
    /// <param name="allowed">The folder.</param>
    public static FileInfo? Behind(string path, string allowed)
    {
        FileInfo file = new(path);
        return file.LinkTarget is null ? Plain(path)
            : file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo { Exists: true } target
                && Path.GetDirectoryName(target.FullName) == Path.GetFullPath(allowed) && new DirectoryInfo(allowed).LinkTarget is null ? target
            : null;
    }

    /// <summary>The bytes of a small file; null where it is not there, or larger.</summary>
    public static byte[]? ReadSmall(string path, int limit) => Plain(path) is FileInfo file && file.Length <= limit ? File.ReadAllBytes(path) : null;

    /// <summary>The text of a small file; null where it is not there, or larger, or cannot be read.</summary>
    public static string? ReadText(string path, int limit) =>
        Try(() => ReadSmall(path, limit) is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null);

    /// <summary>What something gives; null where files, JSON or manifests in it are broken.</summary>
    public static T? Try<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or ManifestException)
        {
            return null;
        }
    }

    private static string[] Enumerate(string folder, bool directories, int depth) => Try<string[]>(() => !Directory.Exists(folder) ? [] :
    [
        .. new FileSystemEnumerable<string>(
            folder,
            (ref entry) => entry.ToFullPath(),
            new EnumerationOptions { AttributesToSkip = default, RecurseSubdirectories = depth > 0, MaxRecursionDepth = depth })
        {
            ShouldIncludePredicate = (ref entry) => entry.IsDirectory == directories && !(directories && IsLink(ref entry)),
            ShouldRecursePredicate = (ref entry) => !IsLink(ref entry),
        }.Order(StringComparer.Ordinal),
    ]) ?? [];

    private static bool IsLink(ref FileSystemEntry entry) => entry.Attributes.HasFlag(FileAttributes.ReparsePoint);
}
