namespace Hearth.Engine.Cache;

/// <summary>A folder for saved prefixes that cannot be used.</summary>
public sealed class PrefixFolderException(string folder, Exception cause)
    : Exception($"Prefixes cannot be kept in '{folder}': {cause.Message} Choose another folder, or go without.", cause)
{
    /// <summary>The folder.</summary>
    public string Folder { get; } = folder;
}
