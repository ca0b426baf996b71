using System.Text.RegularExpressions;

namespace Hearth.Engine.Quantization;

/// <summary>What writers that were killed left beside a file.</summary>
internal static partial class TemporaryFiles
{
    /// <summary>Removes the temporary files of earlier writers of a path, except those that a writer still has open.</summary>
    public static void RemoveAbandoned(string path)
    {
        string full = Path.GetFullPath(path), name = Path.GetFileName(full);
        if (Path.GetDirectoryName(full) is not { } folder || !Directory.Exists(folder))
        {
            return;
        }

        foreach (string candidate in Directory.EnumerateFiles(folder))
        {
            string file = Path.GetFileName(candidate);
            if (file.StartsWith(name + '.', StringComparison.Ordinal) && Suffix().IsMatch(file.AsSpan(name.Length)))
            {
                RemoveUnlessOpen(candidate);
            }
        }
    }

    private static void RemoveUnlessOpen(string path)
    {
        try
        {
            // Writers keep their file to themselves, so that opening it fails while one lives.
            using (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            {
            }

            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another writer's, or not ours to remove: it does no harm.
        }
    }

    [GeneratedRegex(@"^\.[0-9a-f]{32}\.tmp$")]
    private static partial Regex Suffix();
}
