using Hearth.Engine.Gguf;

namespace Hearth.Engine.Quantization;

/// <summary>What of a model a mix of types depends on.</summary>
/// <param name="Architecture">The architecture.</param>
/// <param name="Layers">Layers, those for predicting further tokens included.</param>
/// <param name="Experts">Experts of a layer; 0 in dense models.</param>
/// <param name="Grouping">Query heads per key and value head in the first layer; 0 when it has no attention.</param>
/// <param name="Is70B">Whether it is one of the models of 70 billion parameters whose values many heads share.</param>
/// <param name="TiedEmbedding">Whether the token embedding is the output matrix too.</param>
/// <param name="ValueTensors">Tensors of <see cref="TensorCategories.CarriesValues"/>.</param>
internal sealed record ModelTraits(
    string Architecture, int Layers, int Experts, long Grouping, bool Is70B, bool TiedEmbedding, int ValueTensors)
{
    /// <summary>The traits of a file.</summary>
    /// <exception cref="GgufException">The architecture or the number of layers is absent, or a value has another type.</exception>
    public static ModelTraits Of(GgufMetadata metadata, IEnumerable<string> tensorNames)
    {
        string architecture = metadata.GetString("general.architecture") ?? throw GgufException.MissingKey("general.architecture");
        int layers = (int)Math.Clamp(Required(metadata, $"{architecture}.block_count"), 0, int.MaxValue / 8);
        int experts = (int)Math.Clamp(metadata.GetInteger($"{architecture}.expert_count") ?? 0, 0, int.MaxValue);
        long heads = First(metadata, $"{architecture}.attention.head_count") ?? 0;
        long keyValueHeads = First(metadata, $"{architecture}.attention.head_count_kv") ?? heads;
        bool is70B = architecture switch
        {
            "llama" => layers == 80 && experts != 8 && heads != keyValueHeads,
            "deci" or "olmo" or "qwen2" => layers == 80,
            "jais2" => layers == 68,
            _ => false,
        };
        bool tied = true;
        int valueTensors = 0;
        foreach (string name in tensorNames)
        {
            TensorCategory category = TensorCategories.Of(name);
            tied &= category != TensorCategory.Output;
            valueTensors += TensorCategories.CarriesValues(category) ? 1 : 0;
        }

        return new ModelTraits(
            architecture, layers, experts, keyValueHeads > 0 ? heads / keyValueHeads : 0, is70B, tied, valueTensors);
    }

    private static long Required(GgufMetadata metadata, string key) => metadata.GetInteger(key) ?? throw GgufException.MissingKey(key);

    /// <summary>A number for all layers, or the first layer's.</summary>
    private static long? First(GgufMetadata metadata, string key) =>
        !metadata.TryGetValue(key, out GgufValue value) ? null
        : value.IsArray ? metadata.GetIntegers(key) is [int first, ..] ? first : 0
        : metadata.GetInteger(key);
}
