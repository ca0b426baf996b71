using Hearth.Kernels.Formats;

namespace Hearth.Engine.Quantization;

/// <summary>
/// Which matrix gets which type in a file type such as Q4_K_M: the choices of llama.cpp's quantiser without an importance matrix
/// (August 2026), so that files are of the sizes that people know. Some choices count matrices of a kind: ask for the types in the
/// order of layers, and of names within a layer.
/// </summary>
internal sealed class TypeMix(FileType fileType, ModelTraits model)
{
    private const string Falcon = "falcon";
    private readonly string _name = fileType.Name;
    private int _values;
    private int _downs;
    private int _gates;
    private int _ups;

    /// <summary>Whether the token embedding is the output matrix too.</summary>
    public bool SharesOutput => model.TiedEmbedding;

    private bool EightExperts => model.Experts == 8;

    private bool Grouped => model.Grouping >= 4;

    private bool IsFalcon => model.Architecture == Falcon;

    private bool IsLowBit => _name is "IQ1_S" or "IQ1_M" or "IQ2_XXS" or "IQ2_XS" or "IQ2_S" or "IQ2_M";

    private TensorType Default => fileType.Default;

    /// <summary>The type that the mix wants for a quantisable tensor; its rows may not be whole blocks of it.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="dimensions">Its shape.</param>
    public TensorType TypeOf(string name, ReadOnlySpan<long> dimensions)
    {
        TensorCategory category = TensorCategories.Of(name);
        if (category == TensorCategory.Output || (model.TiedEmbedding && category == TensorCategory.TokenEmbedding))
        {
            return OutputType(dimensions[0]);
        }

        if (_name == "MXFP4_MOE")
        {
            return dimensions.Length > 2 && dimensions[2] > 1 ? TensorType.MXFP4 : TensorType.Q8_0;
        }

        return category switch
        {
            TensorCategory.TokenEmbedding => EmbeddingType(),
            _ when IsLowBit => LowBitType(category),
            TensorCategory.Value or TensorCategory.QueryKeyValue or TensorCategory.KeyValueUp => ValueType(_values++),
            TensorCategory.Key => EightExperts ? TensorType.Q8_0 : QueryType(),
            TensorCategory.Query => QueryType(),
            TensorCategory.Down => DownType(LayerOf(name, _downs++)),
            TensorCategory.AttentionOutput => AttentionOutputType(),
            TensorCategory.Gate => GateOrUpType(LayerOf(name, _gates++)),
            TensorCategory.Up => GateOrUpType(LayerOf(name, _ups++)),
            _ => Default,
        };
    }

    /// <summary>The type itself, or the one of smaller blocks that rows of this length take in its place.</summary>
    public static TensorType Fit(TensorType type, long columns)
    {
        if (IsWhole(type, columns))
        {
            return type;
        }

        TensorType smaller = type switch
        {
            TensorType.IQ1_S or TensorType.IQ1_M or TensorType.IQ2_XXS or TensorType.IQ2_XS or TensorType.IQ2_S or TensorType.IQ3_XXS
                or TensorType.IQ3_S or TensorType.IQ4_XS => TensorType.IQ4_NL,
            TensorType.Q2_0 or TensorType.Q2_K or TensorType.Q3_K or TensorType.TQ1_0 or TensorType.TQ2_0 => TensorType.Q4_0,
            TensorType.Q4_K => TensorType.Q5_0,
            TensorType.Q5_K => TensorType.Q5_1,
            TensorType.Q6_K => TensorType.Q8_0,
            _ => TensorType.F16,
        };
        return IsWhole(smaller, columns) ? smaller : TensorType.F16;
    }

    private static bool IsWhole(TensorType type, long columns) => columns % TensorTypes.Get(type).BlockElements == 0;

    private TensorType OutputType(long columns) =>
        _name is "MXFP4_MOE" or "MXFP4" || IsFalcon || !IsWhole(Default, columns) ? TensorType.Q8_0
        : IsLowBit || _name == "IQ3_XXS" ? TensorType.Q5_K
        : Default == TensorType.Q8_0 ? TensorType.Q8_0
        : TensorType.Q6_K;

    private TensorType EmbeddingType() => _name switch
    {
        "IQ1_S" or "IQ1_M" or "IQ2_XXS" or "IQ2_XS" => TensorType.Q2_K,
        "IQ2_S" or "IQ2_M" or "IQ3_XXS" => TensorType.IQ3_S,
        "TQ1_0" or "TQ2_0" or "Q2_0" => TensorType.Q4_K,
        _ => Default,
    };

    private TensorType LowBitType(TensorCategory category)
    {
        TensorType careful = _name is "IQ2_S" or "IQ2_M" ? TensorType.IQ3_S : TensorType.Q2_K;
        return category switch
        {
            _ when TensorCategories.CarriesValues(category) => Grouped || model.Experts >= 4 ? TensorType.Q4_K : careful,
            TensorCategory.Key when EightExperts => TensorType.Q4_K,
            TensorCategory.Down when _downs++ < model.Layers / 8 => careful,
            TensorCategory.AttentionOutput when EightExperts => TensorType.Q5_K,
            TensorCategory.AttentionOutput when _name is "IQ1_S" or "IQ1_M" => TensorType.IQ2_XXS,
            TensorCategory.AttentionOutput when _name is "IQ2_S" or "IQ2_M" => TensorType.IQ3_S,
            _ => Default,
        };
    }

    private TensorType ValueType(int index)
    {
        if (EightExperts)
        {
            return TensorType.Q8_0;
        }

        TensorType type = _name switch
        {
            "Q2_K" => Grouped ? TensorType.Q4_K : TensorType.Q3_K,
            "IQ3_XXS" => Grouped ? TensorType.Q4_K : TensorType.IQ3_S,
            "Q2_K_S" or "IQ3_XS" or "IQ3_S" when Grouped => TensorType.Q4_K,
            "IQ3_M" => TensorType.Q4_K,
            "Q3_K_M" => index < 2 ? TensorType.Q5_K : TensorType.Q4_K,
            "Q3_K_L" => TensorType.Q5_K,
            "IQ4_NL" or "IQ4_XS" when Grouped => TensorType.Q5_K,
            "Q4_K_M" or "Q5_K_M" when TakesMoreBits(index, model.ValueTensors) => TensorType.Q6_K,
            "Q4_K_S" when index < 4 => TensorType.Q5_K,
            _ => Default,
        };
        return model.Is70B && type is TensorType.Q3_K or TensorType.Q4_K ? TensorType.Q5_K : type;
    }

    private TensorType QueryType() => _name switch
    {
        "IQ3_XS" => TensorType.IQ3_XXS,
        "IQ3_XXS" => TensorType.IQ2_S,
        _ => Default,
    };

    private TensorType DownType(int layer)
    {
        bool early = layer < model.Layers / 8, first = layer < model.Layers / 16, more = TakesMoreBits(layer, model.Layers);
        return _name switch
        {
            "Q2_K" => TensorType.Q3_K,
            "Q2_K_S" when early => TensorType.Q4_K,
            "IQ3_XXS" => early ? TensorType.Q4_K : TensorType.Q3_K,
            "Q3_K_M" => first ? TensorType.Q5_K : !IsFalcon || more ? TensorType.Q4_K : TensorType.Q3_K,
            "IQ3_M" when early || (EightExperts && more) => TensorType.Q4_K,
            "Q3_K_L" => IsFalcon ? TensorType.Q4_K : TensorType.Q5_K,
            "Q4_K_M" when IsFalcon => first ? TensorType.Q6_K : more ? TensorType.Q5_K : TensorType.Q4_K,
            "Q4_K_M" or "Q5_K_M" when more => TensorType.Q6_K,
            "IQ4_NL" or "IQ4_XS" when early => TensorType.Q5_K,
            "Q4_K_S" when early && !IsFalcon => TensorType.Q5_K,
            _ => Default,
        };
    }

    private TensorType GateOrUpType(int layer) =>
        _name == "IQ3_XS" && layer >= model.Layers / 8 && layer < 7 * model.Layers / 8 ? TensorType.IQ3_XXS : Default;

    private TensorType AttentionOutputType() => _name switch
    {
        "Q3_K_L" when IsFalcon => TensorType.Q4_K,
        _ when IsFalcon => Default,
        "Q2_K" or "IQ3_XS" or "IQ3_XXS" or "Q3_K_S" or "Q3_K_M" or "IQ4_NL" or "Q4_K_S" or "Q4_K_M" or "IQ3_S" or "IQ3_M" or "IQ4_XS"
            when EightExperts => TensorType.Q5_K,
        _ when EightExperts => Default,
        "Q2_K" => TensorType.Q3_K,
        "IQ3_XXS" => TensorType.IQ3_S,
        "Q3_K_M" or "IQ3_M" => TensorType.Q4_K,
        "Q3_K_L" => TensorType.Q5_K,
        _ => Default,
    };

    /// <summary>Experts are named by their layer, and may come in any order; otherwise each layer has one such matrix.</summary>
    private int LayerOf(string name, int counted) => model.Experts > 1 && TensorCategories.LayerOf(name) is >= 0 and int layer ? layer : counted;

    /// <summary>The first and last eighth, and every third between them.</summary>
    private static bool TakesMoreBits(int index, int count) =>
        index < count / 8 || index >= 7 * count / 8 || (index - (count / 8)) % 3 == 2;
}
