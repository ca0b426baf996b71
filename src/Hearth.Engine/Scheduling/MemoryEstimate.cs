namespace Hearth.Engine.Scheduling;

/// <summary>
/// The memory that a model comes to use: the file's pages that it touches, and what it allocates. Its cache is counted in full, for prefixes
/// stay in it until the space is needed.
/// </summary>
/// <param name="Weights">Bytes of the mapped files (adapters included) that are read; models over the same files share them.</param>
/// <param name="Cache">Bytes of keys, values and recurrent states.</param>
/// <param name="Activations">Bytes that steps compute in.</param>
/// <param name="Vocabulary">Bytes of the tokenizer.</param>
/// <param name="Draft">Bytes of the model that guesses ahead; 0 without one.</param>
public readonly record struct MemoryEstimate(long Weights, long Cache, long Activations, long Vocabulary, long Draft)
{
    /// <summary>What goes away with the model even if another one has the same file open.</summary>
    public long Own => checked(Cache + Activations + Vocabulary + Draft);

    /// <summary>Everything.</summary>
    public long Total => checked(Weights + Own);
}
