using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hearth.Tests;

/// <summary>Finds the reference results beside the repository; a test whose file is absent is skipped, never passed.</summary>
internal static class Golden
{
    /// <summary>The repository's root folder, from this source file's place.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The full path of a golden file or folder; skips the calling test when it is not there.</summary>
    public static string Path(params string[] parts)
    {
        string path = System.IO.Path.Combine([Folder, .. parts]);
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            Assert.Skip($"Golden data is not here: {string.Join('/', parts)}. CI always has it.");
        }

        return path;
    }

    /// <summary>
    /// The names without extension of a folder's files, for theories; one that is not there when the folder is absent, so that the test is
    /// skipped.
    /// </summary>
    public static IEnumerable<string> Names(string folder, string extension)
    {
        string path = System.IO.Path.Combine(Folder, folder);
        return Directory.Exists(path)
            ? Directory.EnumerateFiles(path, "*" + extension).Select(file => System.IO.Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)
            : ["absent"];
    }

    /// <summary>Raw little-endian float32 values.</summary>
    public static float[] Floats(params string[] parts) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path(parts))).ToArray();

    /// <summary>sum((actual - expected)^2) / sum(expected^2).</summary>
    public static double NormalizedMeanSquaredError(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        Assert.Equal(expected.Length, actual.Length);
        double error = 0, power = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = (double)actual[i] - expected[i];
            error += difference * difference;
            power += (double)expected[i] * expected[i];
        }

        return error / power;
    }

    private static string Folder => System.IO.Path.Combine(RepositoryRoot, "..", "shared", "golden");

    private static string FindRoot([CallerFilePath] string source = "") =>
        System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(source)!, "..", ".."));
}
