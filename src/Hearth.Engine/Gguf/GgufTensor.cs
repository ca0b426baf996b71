using System.Collections.Immutable;
using Hearth.Kernels.Formats;

namespace Hearth.Engine.Gguf;

/// <summary>What a file says of one tensor; the numbers have been checked against the file.</summary>
/// <param name="Name">The name, such as <c>blk.0.attn_q.weight</c>.</param>
/// <param name="Type">The format of the elements.</param>
/// <param name="Dimensions">Elements along each axis, 1 to 4, the fastest changing (the length of a row) first.</param>
/// <param name="Part">The part of a split model that holds the data, from 0.</param>
/// <param name="Offset">Where the data begins in that part, in bytes from its beginning.</param>
/// <param name="ByteLength">Bytes of data.</param>
public sealed record GgufTensor(string Name, TensorType Type, ImmutableArray<long> Dimensions, int Part, long Offset, long ByteLength)
{
    /// <summary>Elements of a row.</summary>
    public long Columns => Dimensions[0];

    /// <summary>All elements.</summary>
    public long Elements
    {
        get
        {
            long product = 1;
            foreach (long dimension in Dimensions)
            {
                product *= dimension;
            }

            return product;
        }
    }

    /// <summary>The shape as the field prints it: <c>[960, 2560]</c>.</summary>
    public string Shape => $"[{string.Join(", ", Dimensions)}]";
}
