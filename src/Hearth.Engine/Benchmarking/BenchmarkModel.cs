using Hearth.Engine.Gguf;

namespace Hearth.Engine.Benchmarking;

/// <summary>The model that was measured.</summary>
/// <param name="Path">Its file, or the first of several.</param>
/// <param name="Name"><c>general.name</c>, or the file's name.</param>
/// <param name="Architecture"><c>general.architecture</c>.</param>
/// <param name="Parameters">Elements of all tensors.</param>
/// <param name="FileBytes">Bytes of all its files.</param>
/// <param name="FileType">The mix of types, such as <c>Q4_K_M</c>.</param>
public sealed record BenchmarkModel(string Path, string Name, string Architecture, long Parameters, long FileBytes, string FileType)
{
    internal static BenchmarkModel Describe(GgufFile file)
    {
        GgufSummary summary = GgufSummary.Describe(file);
        return new BenchmarkModel(
            file.Path,
            summary.Name ?? System.IO.Path.GetFileNameWithoutExtension(file.Path),
            summary.Architecture!,
            summary.Parameters,
            summary.FileLength,
            summary.FileType!);
    }
}
