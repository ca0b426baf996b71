namespace Hearth.Benchmarks.Comparison;

/// <summary>Finds the <c>hearth</c> program that was built beside this one.</summary>
internal static class HearthProgram
{
    private const string Name = "hearth.dll";

    /// <summary>
    /// Its path: in this program's folder, or in its own project what the launcher compiled ahead of time, unless the same output folder as
    /// this one's has a newer one.
    /// </summary>
    /// <exception cref="InvalidOperationException">It was not built.</exception>
    public static string Find() => Find(AppContext.BaseDirectory);

    private static string Find(string folder)
    {
        string beside = Path.Combine(folder, Name);
        if (File.Exists(beside))
        {
            return beside;
        }

        for (DirectoryInfo? root = new(folder); root is not null; root = root.Parent)
        {
            if (File.Exists(Path.Combine(root.FullName, "Hearth.slnx")))
            {
                string[] output = folder.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar)[^3..];
                string built = Path.Combine([root.FullName, "src", "Hearth.Cli", .. output, Name]);
                string ahead = Path.Combine([root.FullName, "src", "Hearth.Cli", "bin", "precompiled", Name]);
                return File.Exists(ahead) && File.GetLastWriteTimeUtc(ahead) >= File.GetLastWriteTimeUtc(built) ? ahead
                    : File.Exists(built)
                    ? built
                    : throw new InvalidOperationException($"'{built}' does not exist. Build src/Hearth.Cli, or say with --hearth where the program is.");
            }
        }

        throw new InvalidOperationException("The hearth program was not found; say with --hearth where it is.");
    }
}
