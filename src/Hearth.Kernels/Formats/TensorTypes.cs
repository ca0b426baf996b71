namespace Hearth.Kernels.Formats;

/// <summary>Size facts of one tensor format.</summary>
/// <param name="Type">The format.</param>
/// <param name="Name">The field's name for it, as printed.</param>
/// <param name="BlockElements">Elements in a block; a row's length is a multiple of it.</param>
/// <param name="BlockBytes">Bytes of a block.</param>
public readonly record struct TensorTypeInfo(TensorType Type, string Name, int BlockElements, int BlockBytes);

/// <summary>The table of tensor formats.</summary>
public static class TensorTypes
{
    private static readonly TensorTypeInfo[] s_types =
    [
        new(TensorType.F32, "F32", 1, 4),
        new(TensorType.F16, "F16", 1, 2),
        new(TensorType.Q4_0, "Q4_0", 32, 18),
        new(TensorType.Q4_1, "Q4_1", 32, 20),
        new(TensorType.Q5_0, "Q5_0", 32, 22),
        new(TensorType.Q5_1, "Q5_1", 32, 24),
        new(TensorType.Q8_0, "Q8_0", 32, 34),
        new(TensorType.Q2_K, "Q2_K", 256, 84),
        new(TensorType.Q3_K, "Q3_K", 256, 110),
        new(TensorType.Q4_K, "Q4_K", 256, 144),
        new(TensorType.Q5_K, "Q5_K", 256, 176),
        new(TensorType.Q6_K, "Q6_K", 256, 210),
        new(TensorType.IQ2_XXS, "IQ2_XXS", 256, 66),
        new(TensorType.IQ2_XS, "IQ2_XS", 256, 74),
        new(TensorType.IQ3_XXS, "IQ3_XXS", 256, 98),
        new(TensorType.IQ1_S, "IQ1_S", 256, 50),
        new(TensorType.IQ4_NL, "IQ4_NL", 32, 18),
        new(TensorType.IQ3_S, "IQ3_S", 256, 110),
        new(TensorType.IQ2_S, "IQ2_S", 256, 82),
        new(TensorType.IQ4_XS, "IQ4_XS", 256, 136),
        new(TensorType.I8, "I8", 1, 1),
        new(TensorType.I16, "I16", 1, 2),
        new(TensorType.I32, "I32", 1, 4),
        new(TensorType.I64, "I64", 1, 8),
        new(TensorType.F64, "F64", 1, 8),
        new(TensorType.IQ1_M, "IQ1_M", 256, 56),
        new(TensorType.BF16, "BF16", 1, 2),
        new(TensorType.TQ1_0, "TQ1_0", 256, 54),
        new(TensorType.TQ2_0, "TQ2_0", 256, 66),
        new(TensorType.MXFP4, "MXFP4", 32, 17),
        new(TensorType.NVFP4, "NVFP4", 64, 36),
        new(TensorType.Q1_0, "Q1_0", 128, 18),
        new(TensorType.Q2_0, "Q2_0", 64, 18),
    ];

    // By id; those without a name are retired.
    private static readonly TensorTypeInfo[] s_table = Table();

    /// <summary>Every format known, by id.</summary>
    public static IEnumerable<TensorTypeInfo> All => s_types;

    /// <summary>Looks a format up by its id in a file.</summary>
    /// <param name="id">The id as read.</param>
    /// <param name="info">The facts, when the id is known.</param>
    /// <returns>False for retired and unknown ids.</returns>
    public static bool TryGet(uint id, out TensorTypeInfo info)
    {
        info = id < (uint)s_table.Length ? s_table[id] : default;
        return info.Name is not null;
    }

    /// <summary>The facts of a format.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a format.</exception>
    public static TensorTypeInfo Get(TensorType type) =>
        TryGet((uint)type, out TensorTypeInfo info) ? info : throw new ArgumentOutOfRangeException(nameof(type), type, "Not a tensor format.");

    /// <summary>Bytes of <paramref name="elements"/> consecutive elements.</summary>
    /// <exception cref="ArgumentException">The count is negative or not a multiple of the format's block.</exception>
    /// <exception cref="OverflowException">The size does not fit in 63 bits.</exception>
    public static long ByteSize(TensorType type, long elements)
    {
        TensorTypeInfo info = Get(type);
        if (elements < 0 || elements % info.BlockElements != 0)
        {
            throw new ArgumentException($"{elements} elements are not a whole number of {info.Name} blocks of {info.BlockElements}.", nameof(elements));
        }

        return checked(elements / info.BlockElements * info.BlockBytes);
    }

    private static TensorTypeInfo[] Table()
    {
        TensorTypeInfo[] table = new TensorTypeInfo[(int)s_types[^1].Type + 1];
        foreach (TensorTypeInfo info in s_types)
        {
            table[(int)info.Type] = info;
        }

        return table;
    }
}
