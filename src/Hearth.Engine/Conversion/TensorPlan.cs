using System.Collections.Immutable;
using System.Globalization;
using Hearth.Engine.Conversion.Architectures;
using Hearth.Engine.Conversion.Safetensors;
using Hearth.Kernels.Formats;

namespace Hearth.Engine.Conversion;

/// <summary>A tensor's place in the folder.</summary>
internal readonly record struct TensorSource(SafetensorsFile File, SafetensorsTensor Tensor);

/// <summary>
/// A tensor that is written, and where its values come from: parts that follow each other, one for each expert of a stack.
/// </summary>
internal sealed record PlannedTensor(
    ConvertedTensor Target,
    ImmutableArray<TensorSource> Parts,
    TensorTransform Transform = TensorTransform.None,
    long Heads = 1,
    float[]? Values = null);

/// <summary>Finds a place for each tensor of the folder, and a source for each tensor of the file.</summary>
internal sealed class TensorPlan
{
    private const int MaxRank = 4;
    private const int MaxLayers = 4096;

    // What reads images and sounds, and tables that are computed.
    private static readonly string[] s_otherParts =
        ["vision_tower.", "multi_modal_projector.", "vision_model.", "audio_tower.", "image_newline"];
    private static readonly string[] s_computed = [".rotary_emb.inv_freq", ".self_attn.rotary_emb.inv_freq"];
    private readonly ArchitectureMapping _mapping;
    private readonly MappingContext _context;
    private readonly Dictionary<string, TensorSource> _sources = [];
    private readonly bool _tied;

    private TensorPlan(ArchitectureMapping mapping, MappingContext context)
    {
        _mapping = mapping;
        _context = context;
        _tied = mapping.IsAlwaysTied || context.Config.Boolean("tie_word_embeddings");
    }

    /// <summary>Makes the plan.</summary>
    /// <param name="model">The folder's tensors.</param>
    /// <param name="mapping">The architecture.</param>
    /// <param name="context">What was read; gets notes.</param>
    /// <param name="type">The type of matrices, or null: that of the embedding, if it is BF16, else F16.</param>
    /// <exception cref="ConversionException">A tensor has no place, is missing, or cannot be used.</exception>
    public static ImmutableArray<PlannedTensor> Create(
        SafetensorsModel model, ArchitectureMapping mapping, MappingContext context, ref TensorType? type)
    {
        TensorPlan plan = new(mapping, context);
        plan.Collect(model);
        TensorSource embedding = plan.Take("model.embed_tokens.weight", null);
        type ??= embedding.Tensor.Type == SafetensorsType.BF16 ? TensorType.BF16 : TensorType.F16;
        return [.. plan.Order(type.Value)];
    }

    private void Collect(SafetensorsModel model)
    {
        Dictionary<string, TensorRule> rules = _mapping.Tensors.ToDictionary(rule => rule.Source);
        int left = 0;
        foreach (SafetensorsFile file in model.Files)
        {
            foreach (SafetensorsTensor tensor in file.Tensors)
            {
                string name = Normalize(tensor.Name);
                if (s_otherParts.Any(
                    part => name.StartsWith(part, StringComparison.Ordinal) || name.StartsWith("model." + part, StringComparison.Ordinal)))
                {
                    left++;
                    continue;
                }

                if (s_computed.Any(end => name.EndsWith(end, StringComparison.Ordinal)) || (_tied && name == "lm_head.weight"))
                {
                    continue;
                }

                if (!rules.ContainsKey(Pattern(name, out int layer)))
                {
                    throw ConversionException.UnknownTensor(tensor.Name, _mapping.Architecture);
                }

                if (layer >= _context.LayerCount)
                {
                    throw ConversionException.UnsupportedSetting(
                        "num_hidden_layers", $"is {_context.LayerCount}, but there is a tensor '{tensor.Name}'");
                }

                if (!_sources.TryAdd(name, new TensorSource(file, tensor)))
                {
                    throw ConversionException.DuplicateTensor(tensor.Name);
                }
            }
        }

        if (left > 0)
        {
            _context.Note($"{left} tensors of the image encoder are left out: the file is the text model alone.");
        }
    }

    private IEnumerable<PlannedTensor> Order(TensorType type)
    {
        TensorRule[] single = [.. _mapping.Tensors.Where(rule => !rule.IsPerLayer)];
        foreach (TensorRule rule in single)
        {
            if (!(_tied && rule.Target == "output.weight") && Plan(rule, 0, type) is PlannedTensor planned)
            {
                yield return planned;
            }
        }

        foreach ((string name, float[] values) in _context.Extra)
        {
            yield return new PlannedTensor(new ConvertedTensor(name, TensorType.F32, [values.Length]), [], Values: values);
        }

        for (int layer = 0; layer < Math.Min(_context.LayerCount, MaxLayers); layer++)
        {
            foreach (TensorRule rule in _mapping.Tensors)
            {
                if (rule.IsPerLayer && Plan(rule, layer, type) is PlannedTensor planned)
                {
                    yield return planned;
                }
            }
        }
    }

    private PlannedTensor? Plan(TensorRule rule, int layer, TensorType type)
    {
        if (rule.IsOptional && !_sources.ContainsKey(rule.SourceName(layer)))
        {
            return null;
        }

        int experts = rule.IsPerExpert ? ExpertCount() : 1;
        ImmutableArray<TensorSource> parts =
        [
            .. Enumerable.Range(0, experts).Select(expert => Take(
                rule.SourceName(layer, expert),
                rule.Target == "output.weight" ? " unless config.json says tie_word_embeddings" : null)),
        ];
        SafetensorsTensor first = parts[0].Tensor;
        foreach (TensorSource part in parts)
        {
            CheckPart(part.Tensor, first);
        }

        string name = rule.TargetName(layer);
        ImmutableArray<long> dimensions = [.. first.Shape.Reverse(), .. rule.IsPerExpert ? [experts] : Array.Empty<long>()];
        long heads = rule.Transform switch
        {
            TensorTransform.QueryPairs => _context.HeadCount,
            TensorTransform.KeyPairs => _context.KeyValueHeadCount,
            _ => 1,
        };
        if (rule.Transform is TensorTransform.QueryPairs or TensorTransform.KeyPairs && first.Shape[0] % (2 * heads) != 0)
        {
            throw ConversionException.TensorShape(first.Name, $"{heads} heads of an even number of rows", first.ShapeText);
        }

        return new PlannedTensor(new ConvertedTensor(name, TypeOf(name, dimensions, type), dimensions), parts, rule.Transform, heads);
    }

    private int ExpertCount() =>
        (int)(_context.Config.OptionalInteger("num_local_experts", maximum: MaxLayers)
            ?? _context.Config.Integer("num_experts", maximum: MaxLayers));

    private TensorSource Take(string name, string? instead) =>
        _sources.TryGetValue(name, out TensorSource source) ? source : throw ConversionException.MissingTensor(name, instead);

    private static void CheckPart(SafetensorsTensor tensor, SafetensorsTensor first)
    {
        if (tensor.Type is not (SafetensorsType.F32 or SafetensorsType.F16 or SafetensorsType.BF16 or SafetensorsType.F64))
        {
            throw ConversionException.UnsupportedTensorType(tensor.Name, tensor.Type);
        }

        if (tensor.Shape.Length is 0 or > MaxRank - 1 || tensor.Shape.Contains(0) || tensor.Shape[^1] > int.MaxValue)
        {
            throw ConversionException.TensorShape(tensor.Name, "a vector or a matrix that is not empty", tensor.ShapeText);
        }

        if (!tensor.Shape.SequenceEqual(first.Shape))
        {
            throw ConversionException.TensorShape(tensor.Name, $"{first.ShapeText}, as '{first.Name}' is", tensor.ShapeText);
        }
    }

    // As llama.cpp's converter chooses: vectors, norms and routers are not rounded, and rows that are not whole blocks are F16.
    private static TensorType TypeOf(string name, ImmutableArray<long> dimensions, TensorType type)
    {
        bool exact = dimensions.Length == 1 || name.EndsWith("_norm.weight", StringComparison.Ordinal)
            || name.EndsWith("ffn_gate_inp.weight", StringComparison.Ordinal)
            || !name.EndsWith(".weight", StringComparison.Ordinal);
        return exact ? TensorType.F32 : dimensions[0] % TensorTypes.Get(type).BlockElements == 0 ? type : TensorType.F16;
    }

    /// <summary>Brings the names of models of text and images, and of models without a head, into one form.</summary>
    private static string Normalize(string name)
    {
        name = name.Replace("language_model.", string.Empty, StringComparison.Ordinal);
        return name.StartsWith("layers.", StringComparison.Ordinal)
            || name is "embed_tokens.weight" or "norm.weight" ? "model." + name : name;
    }

    /// <summary>The name with marks for its numbers: the first is a layer's, the second an expert's.</summary>
    private static string Pattern(string name, out int layer)
    {
        layer = -1;
        string[] parts = name.Split('.');
        int marks = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i].Length is > 0 and < 6 && int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                layer = marks == 0 ? number : layer;
                parts[i] = marks == 0 ? TensorRule.LayerMark : TensorRule.ExpertMark;
                marks++;
            }
        }

        return string.Join('.', parts);
    }
}
