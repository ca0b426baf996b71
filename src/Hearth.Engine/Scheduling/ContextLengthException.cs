namespace Hearth.Engine.Scheduling;

/// <summary>A prompt that does not fit the context in force.</summary>
public sealed class ContextLengthException(int promptTokens, int contextLength) : Exception(
    $"The prompt has {promptTokens} tokens; the context in force holds {contextLength}, of which at least one is for the answer. Shorten the prompt or raise the context size.")
{
    /// <summary>Tokens of the prompt.</summary>
    public int PromptTokens { get; } = promptTokens;

    /// <summary>Tokens that the context holds.</summary>
    public int ContextLength { get; } = contextLength;
}
