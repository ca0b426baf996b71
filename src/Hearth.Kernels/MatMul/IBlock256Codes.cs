namespace Hearth.Kernels.MatMul;

/// <summary>An unpacked block: value = Scale * Scales[i / 16] * Codes[i] - MinimumScale * Minimums[i / 16].</summary>
internal unsafe struct Block256
{
    /// <summary>Elements that share a scale.</summary>
    internal const int SubBlock = 16;

    /// <summary>Codes, less their zero point.</summary>
    internal fixed sbyte Codes[ActivationBlock256.Elements];

    /// <summary>The sub-blocks' scales.</summary>
    internal fixed sbyte Scales[ActivationBlock256.Elements / SubBlock];

    /// <summary>The sub-blocks' minimums.</summary>
    internal fixed byte Minimums[ActivationBlock256.Elements / SubBlock];

    /// <summary>The scale of the scales.</summary>
    internal float Scale;

    /// <summary>The scale of the minimums; 0 in formats without them.</summary>
    internal float MinimumScale;
}

/// <summary>A format of blocks of 256 with integer scales inside, as <see cref="Block256Dot"/> consumes it.</summary>
internal unsafe interface IBlock256Codes
{
    /// <summary>Bytes of a block.</summary>
    static abstract int BlockBytes { get; }

    /// <summary>Elements that share a scale: 16 or 32.</summary>
    static virtual int SubBlock => Block256.SubBlock;

    /// <summary>Whether the format has minimums.</summary>
    static virtual bool HasMinimums => false;

    /// <summary>A power of two by which the scale in a block is multiplied, so that the sub-blocks' scales are integers.</summary>
    static virtual float ScaleFactor => 1;

    /// <summary>Unpacks a block as it lies in a file.</summary>
    static abstract void Unpack(byte* block, Block256* destination);
}
