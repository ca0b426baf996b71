namespace Hearth.Kernels.MatMul;

/// <summary>A format of blocks of 32 whose values are scale * code + minimum, as <see cref="Block32Dot"/> consumes it.</summary>
internal unsafe interface IBlock32Codes
{
    /// <summary>Bytes of a block.</summary>
    static abstract int BlockBytes { get; }

    /// <summary>Whether the format has minimums.</summary>
    static virtual bool HasMinimum => false;

    /// <summary>Unpacks a block.</summary>
    /// <param name="block">The block, as it lies in a file.</param>
    /// <param name="codes">Where its 32 signed codes go.</param>
    /// <returns>The scale.</returns>
    static abstract float Unpack(byte* block, sbyte* codes);

    /// <summary>The minimum of a block.</summary>
    static virtual float Minimum(byte* block) => 0;
}
