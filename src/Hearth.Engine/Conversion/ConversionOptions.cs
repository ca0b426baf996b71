using Hearth.Kernels.Formats;

namespace Hearth.Engine.Conversion;

/// <summary>What a conversion writes.</summary>
public sealed record ConversionOptions
{
    private static readonly TensorType[] s_types = [TensorType.F32, TensorType.F16, TensorType.BF16, TensorType.Q8_0];

    /// <summary>The names that <see cref="ParseType"/> knows.</summary>
    public static IEnumerable<string> FileTypes => s_types.Select(type => TensorTypes.Get(type).Name);

    /// <summary>The type of matrices: F32, F16, BF16 or Q8_0. Null is BF16 for a model whose matrices are BF16, else F16.</summary>
    public TensorType? Type { get; init; }

    /// <summary>The model's name in the file; null takes it from the folder.</summary>
    public string? Name { get; init; }

    /// <summary>The value of <c>tokenizer.ggml.pre</c> for a byte-level tokenizer; null finds it from the tokenizer's definition.</summary>
    public string? PreTokenizer { get; init; }

    /// <summary>The type of a name, in any case.</summary>
    /// <exception cref="ConversionException">There is none of that name.</exception>
    public static TensorType ParseType(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        int index = Array.FindIndex(s_types, type => TensorTypes.Get(type).Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return index < 0 ? throw ConversionException.UnknownFileType(name) : s_types[index];
    }
}
