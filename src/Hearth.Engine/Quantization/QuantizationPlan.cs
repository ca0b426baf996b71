using Hearth.Engine.Gguf;
using Hearth.Kernels.Formats;

namespace Hearth.Engine.Quantization;

/// <summary>What becomes of one tensor.</summary>
/// <param name="Source">The tensor as it is.</param>
/// <param name="Type">The type that it gets, or has.</param>
/// <param name="ByteLength">Bytes of its data then.</param>
/// <param name="IsFallback">Whether its rows are not whole blocks of the type that was wanted, so that it gets a larger one.</param>
public sealed record PlannedTensor(GgufTensor Source, TensorType Type, long ByteLength, bool IsFallback);

/// <summary>The types that a model's tensors get, decided before anything is written.</summary>
public sealed class QuantizationPlan
{
    private QuantizationPlan(FileType fileType, IReadOnlyList<PlannedTensor> tensors)
    {
        FileTypeName = fileType.Name;
        FileTypeId = fileType.Id;
        Tensors = tensors;
        SourceBytes = tensors.Sum(tensor => tensor.Source.ByteLength);
        TargetBytes = tensors.Sum(tensor => tensor.ByteLength);
        Elements = tensors.Sum(tensor => tensor.Source.Elements);
    }

    /// <summary>The tensor types that can be written.</summary>
    public static IEnumerable<TensorType> WritableTypes => TensorTypes.All.Select(info => info.Type).Where(IsWritable);

    /// <summary>The file type's name.</summary>
    public string FileTypeName { get; }

    /// <summary>All tensors, in the file's order.</summary>
    public IReadOnlyList<PlannedTensor> Tensors { get; }

    /// <summary>Bytes of all tensors as they are.</summary>
    public long SourceBytes { get; }

    /// <summary>Bytes of all tensors as they will be.</summary>
    public long TargetBytes { get; }

    /// <summary>Elements of all tensors.</summary>
    public long Elements { get; }

    /// <summary>Bits per element as they will be.</summary>
    public double BitsPerWeight => Elements == 0 ? 0 : 8d * TargetBytes / Elements;

    /// <summary>The value for <c>general.file_type</c>.</summary>
    internal uint FileTypeId { get; }

    /// <summary>Decides the types.</summary>
    /// <exception cref="QuantizationException">The type is not known, or a tensor is quantised already and may not be rounded
    /// again.</exception>
    /// <exception cref="GgufException">The metadata lacks what the types depend on.</exception>
    public static QuantizationPlan Create(GgufFile model, QuantizationOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        FileType fileType = FileType.Find(options.Type) is { } found && FileType.Writable.Contains(found.Name)
            ? found
            : throw QuantizationException.UnknownFileType(options.Type);
        return new QuantizationPlan(fileType, Plan(model.Metadata, model.Tensors, fileType, options));
    }

    /// <summary>The tensor type of a name, in any case.</summary>
    /// <exception cref="QuantizationException">There is none, or it cannot be written.</exception>
    public static TensorType ParseType(string name)
    {
        foreach (TensorType type in WritableTypes)
        {
            if (TensorTypes.Get(type).Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return type;
            }
        }

        throw QuantizationException.UnknownTensorType(name);
    }

    /// <summary>The type, if it can be written.</summary>
    /// <exception cref="QuantizationException">It cannot.</exception>
    internal static TensorType Writable(TensorType type) => IsWritable(type) ? type : throw QuantizationException.UnknownTensorType($"{type}");

    /// <summary>The types of all tensors of a model, in the order given.</summary>
    internal static PlannedTensor[] Plan(
        GgufMetadata metadata, IReadOnlyList<GgufTensor> tensors, FileType fileType, QuantizationOptions options)
    {
        TypeMix mix = new(fileType, ModelTraits.Of(metadata, tensors.Select(tensor => tensor.Name)));
        PlannedTensor[] planned = new PlannedTensor[tensors.Count];
        foreach (int index in InMixOrder(tensors))
        {
            GgufTensor tensor = tensors[index];
            TensorType wanted = Choose(tensor, mix, fileType, options), type = TypeMix.Fit(wanted, tensor.Columns);
            if (type != tensor.Type && IsQuantized(tensor.Type) && !options.Requantize)
            {
                throw QuantizationException.AlreadyQuantized(tensor.Name, tensor.Type, type);
            }

            planned[index] = new PlannedTensor(tensor, type, TensorTypes.ByteSize(type, tensor.Elements), type != wanted);
        }

        return planned;
    }

    private static IEnumerable<int> InMixOrder(IReadOnlyList<GgufTensor> tensors) =>
        Enumerable.Range(0, tensors.Count)
            .OrderBy(index => TensorCategories.LayerOf(tensors[index].Name))
            .ThenBy(index => tensors[index].Name, StringComparer.Ordinal);

    private static TensorType Choose(GgufTensor tensor, TypeMix mix, FileType fileType, QuantizationOptions options)
    {
        if (!IsFloatOrQuantized(tensor.Type) || !TensorCategories.IsQuantizable(tensor.Name, tensor.Dimensions.AsSpan()))
        {
            return tensor.Type;
        }

        TensorCategory category = TensorCategories.Of(tensor.Name);
        if (category == TensorCategory.TokenEmbedding && options.TokenEmbeddingType is { } embedding)
        {
            return Writable(embedding);
        }

        if ((category == TensorCategory.Output || (category == TensorCategory.TokenEmbedding && mix.SharesOutput))
            && options.OutputTensorType is { } output)
        {
            return Writable(output);
        }

        return options.TensorTypes.FirstOrDefault(rule => rule.Matches(tensor.Name)) is { } matching ? matching.Type
            : options.Pure || !IsQuantized(fileType.Default) ? fileType.Default
            : mix.TypeOf(tensor.Name, tensor.Dimensions.AsSpan());
    }

    private static bool IsQuantized(TensorType type) => IsFloatOrQuantized(type) && type is not (TensorType.F32 or TensorType.F16 or TensorType.BF16);

    private static bool IsFloatOrQuantized(TensorType type) => type is not (TensorType.F64 or (>= TensorType.I8 and <= TensorType.I64));

    private static bool IsWritable(TensorType type) => IsFloatOrQuantized(type) && BlockCodec.CanEncode(type);
}
