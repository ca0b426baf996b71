using System.Collections.Frozen;
using Hearth.Engine.Devices;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models.Llama;

namespace Hearth.Engine.Models;

/// <summary>A family of architectures: how their headers are read, and how their weights compose into a decoder.</summary>
internal abstract class ModelFamily
{
    private static readonly FrozenDictionary<string, ModelFamily> s_families = new ModelFamily[] { new LlamaFamily() }
        .SelectMany(family => family.Architectures.Select(name => KeyValuePair.Create(name, family)))
        .ToFrozenDictionary();

    /// <summary>Every architecture that Hearth runs, in alphabetical order.</summary>
    public static IEnumerable<string> Supported => s_families.Keys.Order(StringComparer.Ordinal);

    /// <summary>The values of <c>general.architecture</c> that the family serves.</summary>
    public abstract IReadOnlyList<string> Architectures { get; }

    /// <summary>Reads and checks the header.</summary>
    /// <exception cref="ModelException">An entry is missing, makes no sense, or asks for what is not supported.</exception>
    public abstract ModelConfig ReadConfig(ConfigReader reader);

    /// <summary>Finds and checks the weights.</summary>
    /// <exception cref="ModelException">A tensor is missing or has another shape.</exception>
    public abstract DecoderWeights Compose(WeightSource source, ModelConfig config);

    /// <summary>Reads the configuration of a file, whatever its family.</summary>
    /// <exception cref="ModelException">The architecture is not supported, or the header is not right for it.</exception>
    public static ModelConfig ReadConfig(GgufMetadata metadata)
    {
        string architecture = metadata.GetString("general.architecture") ?? throw ModelException.MissingMetadata("general.architecture");
        return Find(architecture).ReadConfig(new ConfigReader(metadata, architecture));
    }

    /// <summary>Makes a file's decoder on a device.</summary>
    /// <exception cref="ModelException">The file cannot be run.</exception>
    public static Decoder Load(GgufFile file, Device device)
    {
        ModelConfig config = ReadConfig(file.Metadata);
        if (file.Tensors.Count == 0)
        {
            throw ModelException.NoWeights(file.Path);
        }

        WeightSource source = new(file, device);
        DecoderWeights weights = Find(config.Architecture).Compose(source, config);
        source.RequireAllUsed(config.Architecture);
        return new Decoder(device, config, weights);
    }

    private static ModelFamily Find(string architecture) =>
        s_families.TryGetValue(architecture, out ModelFamily? family) ? family : throw ModelException.UnsupportedArchitecture(architecture, Supported);
}
