using System.Diagnostics.CodeAnalysis;
using Hearth.Kernels.Formats;
using Hearth.Kernels.MatMul;
using Hearth.Kernels.Memory;

namespace Hearth.Engine.Gguf;

/// <summary>
/// A GGUF model, mapped read-only into memory: one file, or all parts of a split one. Everything that the header says has been checked
/// when <see cref="Open(string)"/> returns. Matrices and spans are views into the mapping: they are valid until this is disposed.
/// </summary>
public sealed class GgufFile : IDisposable
{
    private const int MaxChunkBytes = 1 << 24;
    private readonly List<MappedFile> _parts;
    private readonly Dictionary<string, GgufTensor> _byName;

    private GgufFile(
        IReadOnlyList<string> paths,
        List<MappedFile> parts,
        GgufHeader first,
        IReadOnlyList<GgufTensor> tensors,
        Dictionary<string, GgufTensor> byName)
    {
        Paths = paths;
        _parts = parts;
        _byName = byName;
        Metadata = first.Metadata;
        Tensors = tensors;
        Version = first.Version;
        Alignment = first.Alignment;
        FileLength = parts.Sum(part => part.Length);
    }

    /// <summary>The path of the file, or of the first part.</summary>
    public string Path => Paths[0];

    /// <summary>The paths of all parts; one unless the model is split.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>The format's version: 2 or 3.</summary>
    public uint Version { get; }

    /// <summary>Tensors begin at multiples of this many bytes.</summary>
    public int Alignment { get; }

    /// <summary>Bytes of the file, or of all parts.</summary>
    public long FileLength { get; }

    /// <summary>Files of the model: 1 unless it is split.</summary>
    public int PartCount => _parts.Count;

    /// <summary>The metadata (the first part's).</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>All tensors, in the file's order.</summary>
    public IReadOnlyList<GgufTensor> Tensors { get; }

    /// <summary>Opens a model. Of a split one (<c>NAME-00001-of-0000N.gguf</c>) give the first part: it opens the others.</summary>
    /// <exception cref="GgufException">It cannot be read, or something in it is not as it must be.</exception>
    public static GgufFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        List<MappedFile> parts = [];
        try
        {
            GgufHeader first = OpenPart(path, parts);
            return GgufSplit.Of(first.Metadata, path) is { } split
                ? Join(split.PathsBeside(path), parts, first)
                : Join([path], parts, first);
        }
        catch
        {
            parts.ForEach(part => part.Dispose());
            throw;
        }
    }

    /// <summary>Opens a model whose parts have names of their own, as in a content-addressed store.</summary>
    /// <param name="paths">The parts in their order; one for a model that is not split.</param>
    /// <exception cref="GgufException">A part cannot be read, or something in it is not as it must be.</exception>
    public static GgufFile Open(IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentOutOfRangeException.ThrowIfZero(paths.Count, nameof(paths));
        List<MappedFile> parts = [];
        try
        {
            return Join(paths, parts, OpenPart(paths[0], parts));
        }
        catch
        {
            parts.ForEach(part => part.Dispose());
            throw;
        }
    }

    /// <summary>Finds a tensor by its name.</summary>
    public bool TryGetTensor(string name, [NotNullWhen(true)] out GgufTensor? tensor) => _byName.TryGetValue(name, out tensor);

    /// <summary>Finds a tensor by its name.</summary>
    /// <exception cref="GgufException">There is none.</exception>
    public GgufTensor Tensor(string name) => TryGetTensor(name, out GgufTensor? tensor) ? tensor : throw GgufException.MissingTensor(name);

    /// <summary>A view of a matrix, or of a vector as one row.</summary>
    /// <exception cref="GgufException">The tensor has more than two dimensions, or more rows or columns than 31 bits count.</exception>
    public WeightMatrix Matrix(GgufTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return tensor.Dimensions.Length <= 2
            ? View(tensor, 0)
            : throw GgufException.WrongTensorShape(tensor.Name, "a matrix", tensor.Shape);
    }

    /// <summary>A view of one matrix of a stack, such as one expert of <c>[columns, rows, experts]</c>.</summary>
    /// <exception cref="GgufException">The tensor has not three dimensions, or more rows or columns than 31 bits count.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slice.</exception>
    public WeightMatrix Matrix(GgufTensor tensor, int slice)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.Dimensions.Length != 3)
        {
            throw GgufException.WrongTensorShape(tensor.Name, "a stack of matrices", tensor.Shape);
        }

        ArgumentOutOfRangeException.ThrowIfNegative(slice);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slice, tensor.Dimensions[2]);
        return View(tensor, slice);
    }

    /// <summary>The bytes of a tensor of less than 2 GiB, in the format of its type.</summary>
    /// <exception cref="GgufException">The tensor is larger.</exception>
    public ReadOnlySpan<byte> Data(GgufTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return tensor.ByteLength <= int.MaxValue
            ? _parts[tensor.Part].Span(tensor.Offset, (int)tensor.ByteLength)
            : throw GgufException.WrongTensorShape(tensor.Name, "smaller than 2 GiB to be read as one span", $"{tensor.ByteLength} bytes");
    }

    /// <summary>Some of a tensor's bytes.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="offset">Where they begin, in bytes from the tensor's beginning.</param>
    /// <param name="length">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">They are not all of the tensor.</exception>
    internal ReadOnlySpan<byte> Data(GgufTensor tensor, long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, tensor.ByteLength - offset);
        return _parts[tensor.Part].Span(tensor.Offset + offset, length);
    }

    /// <summary>The elements of a tensor as floats, in the file's order.</summary>
    /// <exception cref="GgufException">The tensor has more than 2^31 - 1 elements, or holds integers or 64-bit floats.</exception>
    public float[] ReadFloats(GgufTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.Elements > Array.MaxLength || tensor.Type is TensorType.F64 or (>= TensorType.I8 and <= TensorType.I64))
        {
            throw GgufException.WrongTensorShape(
                tensor.Name, $"of a float or quantised type and at most {Array.MaxLength} elements", $"{tensor.Type} {tensor.Shape}");
        }

        TensorTypeInfo type = TensorTypes.Get(tensor.Type);
        float[] elements = GC.AllocateUninitializedArray<float>((int)tensor.Elements);
        int chunk = MaxChunkBytes / type.BlockBytes * type.BlockBytes;
        int at = 0;
        for (long offset = 0; offset < tensor.ByteLength; offset += chunk)
        {
            ReadOnlySpan<byte> blocks = _parts[tensor.Part].Span(tensor.Offset + offset, (int)Math.Min(chunk, tensor.ByteLength - offset));
            int count = blocks.Length / type.BlockBytes * type.BlockElements;
            BlockCodec.Decode(tensor.Type, blocks, elements.AsSpan(at, count));
            at += count;
        }

        return elements;
    }

    /// <inheritdoc/>
    public void Dispose() => _parts.ForEach(part => part.Dispose());

    private static GgufFile Join(IReadOnlyList<string> paths, List<MappedFile> parts, GgufHeader first)
    {
        CheckPart(paths, 0, first);
        List<GgufTensor> tensors = [.. first.Tensors];
        for (int i = 1; i < paths.Count; i++)
        {
            GgufHeader header = OpenPart(paths[i], parts, paths.Count);
            CheckPart(paths, i, header);
            tensors.AddRange(header.Tensors);
        }

        Dictionary<string, GgufTensor> byName = new(tensors.Count);
        foreach (GgufTensor tensor in tensors)
        {
            if (!byName.TryAdd(tensor.Name, tensor))
            {
                throw GgufException.DuplicateTensor(tensor.Name).In(paths[tensor.Part]);
            }
        }

        return GgufSplit.Of(first.Metadata, paths[0])?.TensorCount is { } expected && expected != tensors.Count
            ? throw GgufException.SplitMismatch(
                paths[0], $"says that the model has {expected} tensors, but its {paths.Count} parts have {tensors.Count}; get them again")
            : new GgufFile(paths, parts, first, tensors, byName);
    }

    private static void CheckPart(IReadOnlyList<string> paths, int index, GgufHeader header)
    {
        GgufSplit? split = GgufSplit.Of(header.Metadata, paths[index]);
        int number = split?.Number ?? 0, count = split?.Count ?? 1;
        if (number != index || count != paths.Count)
        {
            throw GgufException.SplitMismatch(
                paths[index], $"is part {number + 1} of {count}, but part {index + 1} of {paths.Count} was expected");
        }
    }

    private static GgufHeader OpenPart(string path, List<MappedFile> parts, int partCount = 1)
    {
        if (parts.Count > 0 && !File.Exists(path))
        {
            throw GgufException.SplitPartMissing(path, parts.Count + 1, partCount);
        }

        MappedFile file = Map(path);
        parts.Add(file);
        try
        {
            return GgufHeader.Parse(file.Span(0, (int)Math.Min(file.Length, int.MaxValue)), file.Length, parts.Count - 1);
        }
        catch (GgufException exception)
        {
            throw exception.In(path);
        }
    }

    private static MappedFile Map(string path)
    {
        if (Directory.Exists(path))
        {
            throw GgufException.IsFolder(path);
        }

        try
        {
            return new FileInfo(path) is { Exists: true, Length: 0 } ? throw GgufException.EmptyFile(path) : MappedFile.Open(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw GgufException.FileNotFound(path);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw GgufException.AccessDenied(path, exception);
        }
        catch (IOException exception)
        {
            throw GgufException.Unreadable(path, exception);
        }
    }

    private WeightMatrix View(GgufTensor tensor, int slice)
    {
        long rows = tensor.Dimensions.Length > 1 ? tensor.Dimensions[1] : 1;
        if (rows > int.MaxValue || tensor.Columns > int.MaxValue)
        {
            throw GgufException.WrongTensorShape(tensor.Name, "a matrix of fewer than 2^31 rows and columns", tensor.Shape);
        }

        long sliceBytes = tensor.Dimensions.Length > 2 ? tensor.ByteLength / tensor.Dimensions[2] : tensor.ByteLength;
        return _parts[tensor.Part].Matrix(tensor.Offset + (slice * sliceBytes), tensor.Type, (int)rows, (int)tensor.Columns);
    }
}
