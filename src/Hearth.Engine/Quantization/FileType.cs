using Hearth.Engine.Gguf;
using Hearth.Kernels.Formats;

namespace Hearth.Engine.Quantization;

/// <summary>A file type: the name and number of a mix of tensor types, and the type that most matrices get.</summary>
/// <param name="Name">The field's name: <c>Q4_K_M</c>.</param>
/// <param name="Id">The value of <c>general.file_type</c>.</param>
/// <param name="Default">The type of the matrices that the mix does not single out.</param>
internal sealed record FileType(string Name, uint Id, TensorType Default)
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

    /// <summary>The file types that can be written, in the order in which help lists them.</summary>
    public static IReadOnlyList<string> Writable { get; } =
    [
        "F32", "F16", "BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q5_K_S", "Q5_1", "Q5_0", "Q4_K_M", "Q4_K_S", "Q4_1", "Q4_0", "IQ4_NL", "IQ4_XS",
        "MXFP4", "MXFP4_MOE", "Q3_K_L", "Q3_K_M", "Q3_K_S", "Q2_K",
    ];

    /// <summary>The file type of a name, or null. Q3_K, Q4_K and Q5_K are short for their middle mixes.</summary>
    public static FileType? Find(string name)
    {
        string full = name.ToUpperInvariant() is "Q3_K" or "Q4_K" or "Q5_K" ? $"{name}_M" : name;
        if (full.Equals("MXFP4", StringComparison.OrdinalIgnoreCase))
        {
            return new FileType("MXFP4", GgufFileTypes.IdOf("MXFP4_MOE")!.Value, TensorType.MXFP4);
        }

        if (GgufFileTypes.IdOf(full) is not { } id)
        {
            return null;
        }

        string known = GgufFileTypes.NameOf(id)!;
        return new FileType(known, id, s_defaults.TryGetValue(known, out TensorType type) ? type : Enum.Parse<TensorType>(known));
    }
}
