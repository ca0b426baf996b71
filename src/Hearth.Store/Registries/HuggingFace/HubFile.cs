using Hearth.Store.References;

namespace Hearth.Store.Registries.HuggingFace;

/// <summary>A file of a repository.</summary>
/// <param name="Path">Its path, parts divided by <c>/</c>.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Digest">What it is, where it is kept with Git LFS; null where only <paramref name="GitId"/> tells.</param>
/// <param name="GitId">The SHA-1 of the Git object of a file that is not kept with Git LFS: of <c>blob SIZE\0</c> and the content.</param>
internal sealed record HubFile(string Path, long Size, Digest? Digest = null, string? GitId = null)
{
    private const int MaxPath = 1024;

    /// <summary>The last part of its path.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>The path without the last part; empty at the top.</summary>
    public string Folder => Path[..Math.Max(0, Path.LastIndexOf('/'))];

    /// <summary>Whether a path is one that a repository can have, and not one that leads elsewhere.</summary>
    public static bool IsSafe(string path) =>
        path.Length <= MaxPath && !path.Contains('\\') && !path.Any(char.IsControl) && path.Split('/').All(part => part is not ("" or "." or ".."));
}
