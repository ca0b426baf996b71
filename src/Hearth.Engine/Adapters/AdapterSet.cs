using Hearth.Engine.Gguf;

namespace Hearth.Engine.Adapters;

/// <summary>The adapters of a loaded model: their files, which stay open, and their scales.</summary>
internal sealed class AdapterSet : IDisposable
{
    private readonly GgufFile[] _files;
    private readonly float[] _scales;

    private AdapterSet(IReadOnlyList<LoraAdapter> adapters, GgufFile[] files)
    {
        Adapters = adapters;
        _files = files;
        _scales = [.. adapters.Select(adapter => adapter.Scale)];
    }

    /// <summary>The adapters, by their numbers.</summary>
    public IReadOnlyList<LoraAdapter> Adapters { get; }

    /// <summary>Their files.</summary>
    public IReadOnlyList<GgufFile> Files => _files;

    /// <summary>Opens the adapters' files.</summary>
    /// <exception cref="GgufException">A file is not there, or not a sound GGUF file.</exception>
    /// <exception cref="LoraException">A scale is not a number.</exception>
    public static AdapterSet Open(IReadOnlyList<LoraAdapter> adapters)
    {
        foreach (LoraAdapter adapter in adapters.Where(adapter => !float.IsFinite(adapter.Scale)))
        {
            throw LoraException.InvalidScale(adapter.Scale);
        }

        List<GgufFile> files = [];
        try
        {
            files.AddRange(adapters.Select(adapter => GgufFile.Open(adapter.Path)));
            return new AdapterSet(adapters, [.. files]);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>The scales of a request, by the adapters' numbers.</summary>
    /// <param name="requested">The request's own, those left out being 0; null for the loaded ones.</param>
    /// <exception cref="LoraException">There is no such adapter, or a scale is not a number.</exception>
    public IReadOnlyList<float> Scales(IReadOnlyDictionary<int, float>? requested)
    {
        if (requested is null)
        {
            return _scales;
        }

        float[] scales = new float[_scales.Length];
        foreach ((int id, float scale) in requested)
        {
            if ((uint)id >= (uint)scales.Length)
            {
                throw LoraException.UnknownId(id, scales.Length);
            }

            scales[id] = float.IsFinite(scale) ? scale : throw LoraException.InvalidScale(scale);
        }

        return scales;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (GgufFile file in _files)
        {
            file.Dispose();
        }
    }
}
