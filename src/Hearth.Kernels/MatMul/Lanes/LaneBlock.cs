namespace Hearth.Kernels.MatMul.Lanes;

/// <summary>
/// Quantised activations of 16 tokens, an element per token, 256 columns a block. Blocks of the same tokens lie one after the other.
/// Lanes past the last token hold anything.
/// </summary>
internal static unsafe class LaneBlock
{
    /// <summary>Tokens of a block.</summary>
    internal const int Tokens = 16;

    /// <summary>Bytes from a vector of 16 elements to the next.</summary>
    internal const int VectorBytes = Tokens * sizeof(int);

    /// <summary>The values: 64 vectors, an element has four columns.</summary>
    internal const int ValuesBytes = 64 * VectorBytes;

    /// <summary>Of <see cref="ActivationGroup32"/>: eight vectors of scales.</summary>
    internal const int GroupScales = ValuesBytes;

    /// <summary>Of <see cref="ActivationGroup32"/>: eight vectors of sums.</summary>
    internal const int GroupSums = GroupScales + (8 * VectorBytes);

    /// <summary>Bytes of a block made of <see cref="ActivationGroup32"/>.</summary>
    internal const int GroupBytes = GroupSums + (8 * VectorBytes);

    /// <summary>Of <see cref="ActivationBlock256"/>: eight vectors of two 16-bit sums of 16 columns.</summary>
    internal const int BlockSums = ValuesBytes;

    /// <summary>Of <see cref="ActivationBlock256"/>: the vector of scales.</summary>
    internal const int BlockScale = BlockSums + (8 * VectorBytes);

    /// <summary>Bytes of a block made of <see cref="ActivationBlock256"/>.</summary>
    internal const int BlockBytes = BlockScale + VectorBytes;

    /// <summary>Writes a token's groups into its lane.</summary>
    /// <param name="source">The token's groups.</param>
    /// <param name="count">How many.</param>
    /// <param name="destination">The blocks of the token's 16.</param>
    /// <param name="lane">Which of the 16 it is.</param>
    internal static void Write(ActivationGroup32* source, int count, byte* destination, int lane)
    {
        for (; count > 0; count--, source++, destination += GroupBytes)
        {
            // A group is its values, its scales and its sums, in the order of the block: 80 elements of 32 bits.
            Scatter((int*)source, (int*)destination + lane, sizeof(ActivationGroup32) / sizeof(int));
        }
    }

    /// <summary>Writes a token's blocks into its lane.</summary>
    /// <param name="source">The token's blocks.</param>
    /// <param name="count">How many.</param>
    /// <param name="destination">The blocks of the token's 16.</param>
    /// <param name="lane">Which of the 16 it is.</param>
    internal static void Write(ActivationBlock256* source, int count, byte* destination, int lane)
    {
        const int ValuesAndSums = (ActivationBlock256.Elements + (ActivationBlock256.Elements / 16 * sizeof(short))) / sizeof(int);
        for (; count > 0; count--, source++, destination += BlockBytes)
        {
            Scatter((int*)source, (int*)destination + lane, ValuesAndSums);
            ((float*)(destination + BlockScale))[lane] = source->Scale;
        }
    }

    private static void Scatter(int* source, int* destination, int count)
    {
        for (int i = 0; i < count; i++, destination += Tokens)
        {
            *destination = source[i];
        }
    }
}
