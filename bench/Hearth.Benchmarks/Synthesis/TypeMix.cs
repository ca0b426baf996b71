using Hearth.Engine.Gguf;
using Hearth.Kernels.Formats;

namespace Hearth.Benchmarks.Synthesis;

/// <summary>
/// Which tensor gets which type in a file type such as Q4_K_M: the choices of llama.cpp's quantiser without an importance matrix
/// (llama-quant.cpp of August 2026), for dense models of the llama architecture and mixtures of eight experts, below 70 B.
/// </summary>
internal sealed class TypeMix
{
    private static readonly Dictionary<string, TensorType> s_defaults = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Q2_K_S"] = TensorType.Q2_K,
        ["Q3_K_S"] = TensorType.Q3_K,
        ["Q3_K_M"] = TensorType.Q3_K,
        ["Q3_K_L"] = TensorType.Q3_K,
        ["Q4_K_S"] = TensorType.Q4_K,
        ["Q4_K_M"] = TensorType.Q4_K,
        ["Q5_K_S"] = TensorType.Q5_K,
        ["Q5_K_M"] = TensorType.Q5_K,
        ["IQ2_S"] = TensorType.IQ2_XS,
        ["IQ2_M"] = TensorType.IQ2_S,
        ["IQ3_XS"] = TensorType.IQ3_S,
        ["IQ3_M"] = TensorType.IQ3_S,
        ["MXFP4_MOE"] = TensorType.MXFP4,
    };

    private readonly ModelShape _shape;
    private readonly string _name;
    private readonly TensorType _default;
    private readonly bool _pure;

    private TypeMix(ModelShape shape, string name, uint fileType, TensorType defaultType, bool pure)
    {
        _shape = shape;
        _name = name;
        FileType = fileType;
        _default = defaultType;
        _pure = pure;
    }

    /// <summary>The value for <c>general.file_type</c>.</summary>
    public uint FileType { get; }

    private bool EightExperts => _shape.Experts == 8;

    private bool Grouped => _shape.Heads / _shape.KeyValueHeads >= 4;

    /// <summary>The mix of a file type for a shape; null when there is no such file type.</summary>
    /// <param name="shape">The model.</param>
    /// <param name="name">The file type's name, or a tensor type's that is also a K-quant's short name (Q4_K is Q4_K_M).</param>
    /// <param name="pure">Whether all matrices take the file type's default type.</param>
    public static TypeMix? For(ModelShape shape, string name, bool pure)
    {
        string full = name.ToUpperInvariant() is "Q3_K" or "Q4_K" or "Q5_K" ? $"{name}_M" : name;
        if (GgufFileTypes.IdOf(full) is not { } id)
        {
            return null;
        }

        string known = GgufFileTypes.NameOf(id)!;
        TensorType type = s_defaults.TryGetValue(known, out TensorType listed) ? listed : Enum.Parse<TensorType>(known);
        return new TypeMix(shape, known, id, type, pure);
    }

    /// <summary>The type of one tensor.</summary>
    /// <param name="role">What it is for.</param>
    /// <param name="layer">Its layer.</param>
    /// <param name="columns">The length of its rows.</param>
    public TensorType TypeOf(TensorRole role, int layer, int columns)
    {
        if (role == TensorRole.Unquantised)
        {
            return TensorType.F32;
        }

        if (_default is TensorType.F32 or TensorType.F16 or TensorType.BF16)
        {
            return _default;
        }

        return Fit(_pure ? _default : Choose(role, layer, columns), columns);
    }

    /// <summary>Rows that are not whole blocks take a type of smaller blocks, and F16 when there is none.</summary>
    private static TensorType Fit(TensorType type, int columns)
    {
        if (columns % TensorTypes.Get(type).BlockElements == 0)
        {
            return type;
        }

        TensorType smaller = type switch
        {
            TensorType.Q2_K or TensorType.Q3_K or TensorType.TQ1_0 or TensorType.TQ2_0 or TensorType.Q2_0 => TensorType.Q4_0,
            TensorType.Q4_K => TensorType.Q5_0,
            TensorType.Q5_K => TensorType.Q5_1,
            TensorType.Q6_K => TensorType.Q8_0,
            _ => TensorType.IQ4_NL,
        };
        return columns % TensorTypes.Get(smaller).BlockElements == 0 ? smaller : TensorType.F16;
    }

    private TensorType Choose(TensorRole role, int layer, int columns) => role switch
    {
        TensorRole.Output => OutputType(columns),
        TensorRole.TokenEmbedding when _shape.TiedEmbedding => OutputType(columns),
        _ when _name == "MXFP4_MOE" =>
            _shape.Experts > 0 && role is TensorRole.Gate or TensorRole.Up or TensorRole.Down ? _default : TensorType.Q8_0,
        TensorRole.TokenEmbedding => EmbeddingType(),
        _ when _name is "IQ1_S" or "IQ1_M" or "IQ2_XXS" or "IQ2_XS" or "IQ2_S" or "IQ2_M" => LowBitType(role, layer),
        TensorRole.Value => EightExperts ? TensorType.Q8_0 : ValueType(layer),
        TensorRole.Key or TensorRole.Query => KeyOrQueryType(role),
        TensorRole.Down => DownType(layer),
        TensorRole.AttentionOutput => AttentionOutputType(),
        _ => _name == "IQ3_XS" && layer >= _shape.Layers / 8 && layer < 7 * _shape.Layers / 8 ? TensorType.IQ3_XXS : _default,
    };

    private TensorType OutputType(int columns) =>
        _name == "MXFP4_MOE" || columns % TensorTypes.Get(_default).BlockElements != 0 ? TensorType.Q8_0
        : _name is "IQ1_S" or "IQ1_M" or "IQ2_XXS" or "IQ2_XS" or "IQ2_S" or "IQ2_M" or "IQ3_XXS" ? TensorType.Q5_K
        : _default == TensorType.Q8_0 ? TensorType.Q8_0
        : TensorType.Q6_K;

    private TensorType EmbeddingType() => _name switch
    {
        "IQ1_S" or "IQ1_M" or "IQ2_XXS" or "IQ2_XS" => TensorType.Q2_K,
        "IQ2_S" or "IQ2_M" or "IQ3_XXS" => TensorType.IQ3_S,
        "TQ1_0" or "TQ2_0" or "Q2_0" => TensorType.Q4_K,
        _ => _default,
    };

    private TensorType LowBitType(TensorRole role, int layer)
    {
        TensorType careful = _name is "IQ2_S" or "IQ2_M" ? TensorType.IQ3_S : TensorType.Q2_K;
        return role switch
        {
            TensorRole.Value => Grouped || _shape.Experts >= 4 ? TensorType.Q4_K : careful,
            TensorRole.Key when EightExperts => TensorType.Q4_K,
            TensorRole.Down when layer < _shape.Layers / 8 => careful,
            TensorRole.AttentionOutput when EightExperts => TensorType.Q5_K,
            TensorRole.AttentionOutput when _name is "IQ1_S" or "IQ1_M" => TensorType.IQ2_XXS,
            TensorRole.AttentionOutput when _name is "IQ2_S" or "IQ2_M" => TensorType.IQ3_S,
            _ => _default,
        };
    }

    private TensorType ValueType(int layer) => _name switch
    {
        "Q2_K" => Grouped ? TensorType.Q4_K : TensorType.Q3_K,
        "IQ3_XXS" => Grouped ? TensorType.Q4_K : TensorType.IQ3_S,
        "Q2_K_S" or "IQ3_XS" or "IQ3_S" when Grouped => TensorType.Q4_K,
        "IQ3_M" => TensorType.Q4_K,
        "Q3_K_M" => layer < 2 ? TensorType.Q5_K : TensorType.Q4_K,
        "Q3_K_L" => TensorType.Q5_K,
        "IQ4_NL" or "IQ4_XS" when Grouped => TensorType.Q5_K,
        "Q4_K_M" or "Q5_K_M" when TakesMoreBits(layer) => TensorType.Q6_K,
        "Q4_K_S" when layer < 4 => TensorType.Q5_K,
        _ => _default,
    };

    private TensorType KeyOrQueryType(TensorRole role) => _name switch
    {
        _ when role == TensorRole.Key && EightExperts => TensorType.Q8_0,
        "IQ3_XS" => TensorType.IQ3_XXS,
        "IQ3_XXS" => TensorType.IQ2_S,
        _ => _default,
    };

    private TensorType DownType(int layer)
    {
        bool early = layer < _shape.Layers / 8;
        return _name switch
        {
            "Q2_K" => TensorType.Q3_K,
            "Q2_K_S" when early => TensorType.Q4_K,
            "IQ3_XXS" => early ? TensorType.Q4_K : TensorType.Q3_K,
            "Q3_K_M" => layer < _shape.Layers / 16 ? TensorType.Q5_K : TensorType.Q4_K,
            "IQ3_M" when early || (EightExperts && TakesMoreBits(layer)) => TensorType.Q4_K,
            "Q3_K_L" => TensorType.Q5_K,
            "Q4_K_M" or "Q5_K_M" when TakesMoreBits(layer) => TensorType.Q6_K,
            "IQ4_NL" or "IQ4_XS" or "Q4_K_S" when early => TensorType.Q5_K,
            _ => _default,
        };
    }

    private TensorType AttentionOutputType() => _name switch
    {
        "Q2_K" or "IQ3_XS" or "IQ3_XXS" or "Q3_K_S" or "Q3_K_M" or "IQ4_NL" or "Q4_K_S" or "Q4_K_M" or "IQ3_S" or "IQ3_M" or "IQ4_XS"
            when EightExperts => TensorType.Q5_K,
        _ when EightExperts => _default,
        "Q2_K" => TensorType.Q3_K,
        "IQ3_XXS" => TensorType.IQ3_S,
        "Q3_K_M" or "IQ3_M" => TensorType.Q4_K,
        "Q3_K_L" => TensorType.Q5_K,
        _ => _default,
    };

    /// <summary>The first and last eighth of the layers, and every third between them.</summary>
    private bool TakesMoreBits(int layer)
    {
        int eighth = _shape.Layers / 8;
        return layer < eighth || layer >= 7 * _shape.Layers / 8 || (layer - eighth) % 3 == 2;
    }
}
