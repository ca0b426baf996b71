namespace Hearth.Tests.Fuzzing;

/// <summary>The inputs of a target that are kept as files: sound ones, and those that failed once.</summary>
internal static class FuzzCorpus
{
    /// <summary>The inputs of <c>tests/corpus/NAME</c>, by the names of their files.</summary>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Read(string name)
    {
        string folder = Path.Combine(Golden.RepositoryRoot, "tests", "corpus", name);
        return !Directory.Exists(folder) ? [] : [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(file => (Path.GetFileName(file), File.ReadAllBytes(file)))];
    }
}
