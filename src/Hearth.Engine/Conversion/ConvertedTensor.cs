using System.Collections.Immutable;
using Hearth.Kernels.Formats;

namespace Hearth.Engine.Conversion;

/// <summary>A tensor of the file that is written.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The format.</param>
/// <param name="Dimensions">Elements along each axis, a row's length first.</param>
public sealed record ConvertedTensor(string Name, TensorType Type, ImmutableArray<long> Dimensions)
{
    /// <summary>Elements.</summary>
    public long Elements => Dimensions.Aggregate(1L, (product, dimension) => checked(product * dimension));

    /// <summary>Bytes in the file.</summary>
    public long ByteLength => TensorTypes.ByteSize(Type, Elements);
}
