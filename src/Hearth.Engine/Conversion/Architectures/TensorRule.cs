namespace Hearth.Engine.Conversion.Architectures;

/// <summary>What happens to a tensor's values on their way.</summary>
internal enum TensorTransform
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>
    /// The rows of each query head go from halves to adjacent pairs: row i of the first half to 2i, row i of the second half to 2i + 1.
    /// </summary>
    QueryPairs,

    /// <summary>The same for each key head.</summary>
    KeyPairs,

    /// <summary>One is added: the norms of Gemma multiply with 1 + weight.</summary>
    AddOne,
}

/// <summary>A tensor's name in the folder, and in the file that is written.</summary>
/// <param name="Source">The name with <c>{layer}</c>, and with <c>{expert}</c> where one tensor for each becomes a stack.</param>
/// <param name="Target">The name in the GGUF file, with <c>{layer}</c>.</param>
/// <param name="Transform">What happens to the values.</param>
/// <param name="IsOptional">Whether models without it are whole.</param>
internal sealed record TensorRule(
    string Source, string Target, TensorTransform Transform = TensorTransform.None, bool IsOptional = false)
{
    /// <summary>Whether there is one for each layer.</summary>
    public bool IsPerLayer => Target.Contains(LayerMark, StringComparison.Ordinal);

    /// <summary>Whether there is one for each expert.</summary>
    public bool IsPerExpert => Source.Contains(ExpertMark, StringComparison.Ordinal);

    /// <summary>What stands for a layer's number.</summary>
    public const string LayerMark = "{layer}";

    /// <summary>What stands for an expert's number.</summary>
    public const string ExpertMark = "{expert}";

    /// <summary>A matrix or norm that must be there, with <c>.weight</c> at the end of both names.</summary>
    public static TensorRule Weight(string source, string target, TensorTransform transform = TensorTransform.None) =>
        new(source + ".weight", target + ".weight", transform);

    /// <summary>The bias of a projection; models have it or not.</summary>
    public static TensorRule Bias(string source, string target, TensorTransform transform = TensorTransform.None) =>
        new(source + ".bias", target + ".bias", transform, IsOptional: true);

    /// <summary>The folder's name of a layer's tensor.</summary>
    public string SourceName(int layer, int expert = 0) =>
        Source.Replace(LayerMark, layer.ToString(), StringComparison.Ordinal)
            .Replace(ExpertMark, expert.ToString(), StringComparison.Ordinal);

    /// <summary>The file's name of a layer's tensor.</summary>
    public string TargetName(int layer) => Target.Replace(LayerMark, layer.ToString(), StringComparison.Ordinal);
}
