namespace Hearth.Engine.Gguf;

/// <summary>Where a model's file is, or the files of a split one.</summary>
public sealed class GgufPaths
{
    private readonly IReadOnlyList<string> _paths;
    private readonly bool _areNamed;

    /// <summary>A file; of a split model the first, whose name tells where the others are.</summary>
    public GgufPaths(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _paths = [path];
    }

    /// <summary>The files of a model whose parts have names of their own, as in a content-addressed store.</summary>
    /// <param name="paths">The parts in their order; one for a model that is not split.</param>
    public GgufPaths(IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentOutOfRangeException.ThrowIfZero(paths.Count, nameof(paths));
        _paths = paths;
        _areNamed = true;
    }

    /// <summary>The path of the file, or of the first part.</summary>
    public string First => _paths[0];

    /// <summary>A file, or the first of a split model.</summary>
    public static implicit operator GgufPaths(string path) => new(path);

    /// <summary>Opens the model.</summary>
    /// <exception cref="GgufException">It cannot be read, or something in it is not as it must be.</exception>
    public GgufFile Open() => _areNamed ? GgufFile.Open(_paths) : GgufFile.Open(First);
}
