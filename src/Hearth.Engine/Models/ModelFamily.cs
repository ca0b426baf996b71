using System.Globalization;
using Hearth.Engine.Adapters;
using Hearth.Engine.Devices;
using Hearth.Engine.Gguf;

namespace Hearth.Engine.Models;

/// <summary>A family of architectures: how their headers are read, and how their weights compose into a decoder.</summary>
internal abstract class ModelFamily
{
    private static readonly Dictionary<string, ModelFamily> s_families = ByArchitecture();

    /// <summary>Every architecture that Hearth runs, in alphabetical order.</summary>
    public static IEnumerable<string> Supported => s_families.Keys.Order(StringComparer.Ordinal);

    /// <summary>The values of <c>general.architecture</c> that the family serves.</summary>
    public abstract IReadOnlyList<string> Architectures { get; }

    /// <summary>Reads and checks the header.</summary>
    /// <exception cref="ModelException">An entry is missing, makes no sense, or asks for what is not supported.</exception>
    public abstract ModelConfig ReadConfig(ConfigReader reader);

    /// <summary>Finds and checks the weights.</summary>
    /// <exception cref="ModelException">A tensor is missing or has another shape.</exception>
    public abstract DecoderDefinition Compose(ModelBuilder builder);

    /// <summary>Composes a model from any source of weights.</summary>
    /// <exception cref="ModelException">The header is not right, or a tensor is missing or has another shape.</exception>
    public static (ModelBuilder Builder, DecoderDefinition Definition) Compose(GgufMetadata metadata, WeightSource weights)
    {
        string architecture = metadata.GetString("general.architecture") ?? throw ModelException.MissingMetadata("general.architecture");
        ModelFamily family = Find(architecture);
        ConfigReader reader = new(metadata, architecture);
        ModelBuilder builder = new(weights, reader, family.ReadConfig(reader));
        return (builder, family.Compose(builder));
    }

    /// <summary>Composes a file's model with the weights that it gives to a device, and checks that every tensor has a use.</summary>
    /// <param name="file">The model.</param>
    /// <param name="device">Gets the weights.</param>
    /// <param name="adapters">Adapters that are attached to it, numbered in this order.</param>
    /// <exception cref="ModelException">The file cannot be run.</exception>
    /// <exception cref="LoraException">An adapter is not one for this model.</exception>
    public static (ModelBuilder Builder, DecoderDefinition Definition, GgufWeightSource Weights) Compose(
        GgufFile file, Device device, IReadOnlyList<GgufFile> adapters)
    {
        GgufWeightSource source = new(file, device);
        if (file.Tensors.Count == 0)
        {
            string architecture = file.Metadata.GetString("general.architecture") ?? throw ModelException.MissingMetadata("general.architecture");
            Find(architecture).ReadConfig(new ConfigReader(file.Metadata, architecture));
            throw ModelException.NoWeights(file.Path);
        }

        (ModelBuilder builder, DecoderDefinition definition) = Compose(file.Metadata, source);
        source.RequireAllUsed(builder.Config.Architecture, name => IsPredictorTensor(name, builder.Config));
        for (int adapter = 0; adapter < adapters.Count; adapter++)
        {
            LoraLoader.Attach(adapters[adapter], source, device, builder.Config.Architecture, adapter);
        }

        return (builder, definition, source);
    }

    /// <summary>Makes a file's decoder on a device.</summary>
    /// <inheritdoc cref="Compose(GgufFile, Device, IReadOnlyList{GgufFile})" path="/param"/>
    /// <inheritdoc cref="Compose(GgufFile, Device, IReadOnlyList{GgufFile})" path="/exception"/>
    public static Decoder Load(GgufFile file, Device device, IReadOnlyList<GgufFile>? adapters = null)
    {
        (ModelBuilder builder, DecoderDefinition definition, _) = Compose(file, device, adapters ?? []);
        return new Decoder(device, builder, definition);
    }

    // Layers beyond those that run only predict further tokens (nextn_predict_layers).
    private static bool IsPredictorTensor(string name, ModelConfig config)
    {
        string[] parts = name.Split('.');
        return parts is ["blk", string number, ..] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int layer)
            && layer >= config.LayerCount && layer < config.BlockCount;
    }

    private static Dictionary<string, ModelFamily> ByArchitecture()
    {
        Dictionary<string, ModelFamily> families = [];
        foreach (ModelFamily family in ModelFamilies.All)
        {
            foreach (string architecture in family.Architectures)
            {
                families.Add(architecture, family);
            }
        }

        return families;
    }

    private static ModelFamily Find(string architecture) =>
        s_families.TryGetValue(architecture, out ModelFamily? family) ? family : throw ModelException.UnsupportedArchitecture(architecture, Supported);
}
