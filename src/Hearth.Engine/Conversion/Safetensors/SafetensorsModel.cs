namespace Hearth.Engine.Conversion.Safetensors;

/// <summary>
/// The tensors of a folder: of the files that <c>model.safetensors.index.json</c> names, or of <c>model*.safetensors</c>.
/// </summary>
internal sealed class SafetensorsModel : IDisposable
{
    private const string IndexName = "model.safetensors.index.json";
    private const long MaxIndexBytes = 64 << 20;
    private readonly List<SafetensorsFile> _files = [];

    private SafetensorsModel()
    {
    }

    /// <summary>The files, each with its tensors.</summary>
    public IReadOnlyList<SafetensorsFile> Files => _files;

    /// <summary>Opens a folder's files.</summary>
    /// <exception cref="ConversionException">There are none, or they are not those of the index.</exception>
    /// <exception cref="SafetensorsException">A file is damaged.</exception>
    public static SafetensorsModel Open(string folder)
    {
        SafetensorsModel model = new();
        try
        {
            Dictionary<string, string>? index = ReadIndex(folder);
            string[] names = index is null ? FindFiles(folder) : [.. index.Values.Distinct().Order(StringComparer.Ordinal)];
            foreach (string name in names)
            {
                string path = Path.Combine(folder, name);
                model._files.Add(File.Exists(path) ? SafetensorsFile.Open(path) : throw ConversionException.MissingFile(folder, name));
            }

            model.Check(index);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    private static string[] FindFiles(string folder)
    {
        string[] names =
        [
            .. Directory.EnumerateFiles(folder, "model*.safetensors").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal),
        ];
        return names.Length > 0 ? names : throw ConversionException.MissingFile(folder, "model.safetensors");
    }

    private static Dictionary<string, string>? ReadIndex(string folder)
    {
        string path = Path.Combine(folder, IndexName);
        if (!File.Exists(path))
        {
            return null;
        }

        ConfigNode map = ConfigNode.Load(path, MaxIndexBytes).Find("weight_map")
            ?? throw ConversionException.InvalidValue(path, "weight_map", "is missing");
        Dictionary<string, string> index = [];
        foreach ((string name, ConfigNode file) in map.Properties())
        {
            string fileName = file.AsText();
            if (fileName.Length == 0 || fileName != Path.GetFileName(fileName)
                || fileName.Contains('\\', StringComparison.Ordinal) || fileName is "." or "..")
            {
                throw ConversionException.InvalidValue(
                    path, "weight_map", $"names '{fileName}', which is not the name of a file in the folder");
            }

            index[name] = fileName;
        }

        return index.Count > 0 ? index : throw ConversionException.InvalidValue(path, "weight_map", "is empty");
    }

    private void Check(Dictionary<string, string>? index)
    {
        HashSet<string> names = [];
        foreach (SafetensorsFile file in _files)
        {
            foreach (SafetensorsTensor tensor in file.Tensors)
            {
                if (!names.Add(tensor.Name))
                {
                    throw ConversionException.DuplicateTensor(tensor.Name);
                }

                if (index is not null && index.GetValueOrDefault(tensor.Name) != Path.GetFileName(file.Path))
                {
                    throw ConversionException.InvalidFile(
                        file.Path, $"its tensor '{tensor.Name}' is not where {IndexName} says. Download all files again.");
                }
            }
        }

        if (index?.Keys.FirstOrDefault(name => !names.Contains(name)) is string missing)
        {
            throw ConversionException.MissingTensor(missing);
        }
    }
}
