namespace Hearth.Training.Model;

/// <summary>The sizes of a llama-family transformer with tied embeddings.</summary>
/// <param name="Vocabulary">Tokens; a multiple of 32.</param>
/// <param name="Width">Floats of an embedding; a multiple of 32.</param>
/// <param name="Layers">Blocks.</param>
/// <param name="Heads">Query heads; Width / Heads is a multiple of 16.</param>
/// <param name="KeyValueHeads">Key and value heads; divides Heads.</param>
/// <param name="FeedForward">Floats of the gated inner layer; a multiple of 32.</param>
/// <param name="Context">The longest sequence in tokens.</param>
internal sealed record TransformerShape(int Vocabulary, int Width, int Layers, int Heads, int KeyValueHeads, int FeedForward, int Context)
{
    /// <summary>The base of the rotary frequencies.</summary>
    public const double RopeBase = 10000;

    /// <summary>The epsilon of RMSNorm.</summary>
    public const float Epsilon = 1e-5f;

    /// <summary>Floats of a head.</summary>
    public int HeadWidth => Width / Heads;

    /// <summary>Floats of a row of the fused query, key, value projection.</summary>
    public int ProjectionWidth => (Heads + 2 * KeyValueHeads) * HeadWidth;
}
