using System.Collections.Immutable;

namespace Hearth.Engine.Conversion.Safetensors;

/// <summary>A tensor of a safetensors file.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The element type's name: F32, BF16, ...</param>
/// <param name="Shape">Elements along each axis, a row's length last; empty for a scalar.</param>
/// <param name="Offset">Where its data begin in the file, in bytes.</param>
/// <param name="Length">Bytes of its data.</param>
internal sealed record SafetensorsTensor(string Name, string Type, ImmutableArray<long> Shape, long Offset, long Length)
{
    /// <summary>The shape as messages show it: <c>[32, 64]</c>.</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";
}
