using Hearth.Engine.Models;

namespace Hearth.Engine.Embedding;

/// <summary>Why a text cannot be embedded.</summary>
public sealed class EmbeddingException : Exception
{
    private EmbeddingException(EmbeddingErrorKind kind, string message)
        : base(message) => Kind = kind;

    /// <summary>The cause.</summary>
    public EmbeddingErrorKind Kind { get; }

    internal static EmbeddingException TooLong(int index, int tokens, int contextLength) => new(
        EmbeddingErrorKind.InputTooLong,
        $"Input {index} has {tokens} tokens, but the context in force is {contextLength}. Shorten it, or ask for truncation.");

    internal static EmbeddingException Empty(int index) => new(EmbeddingErrorKind.EmptyInput, $"Input {index} has no tokens: there is nothing to embed.");

    internal static EmbeddingException UnknownToken(int index, int token, int vocabularySize) => new(
        EmbeddingErrorKind.UnknownToken,
        $"Input {index} has the token {token}, which is not in the vocabulary of {vocabularySize}.");

    internal static EmbeddingException CannotRank(ModelConfig config) => new(
        EmbeddingErrorKind.CannotRank,
        $"This '{config.Architecture}' model has no classifier, so it cannot rank. Use a reranker, or another pooling.");
}

/// <summary>Why a text cannot be embedded.</summary>
public enum EmbeddingErrorKind
{
    /// <summary>The input is longer than the context, and truncation was not asked for.</summary>
    InputTooLong,

    /// <summary>The input has no tokens.</summary>
    EmptyInput,

    /// <summary>A token is not in the vocabulary.</summary>
    UnknownToken,

    /// <summary>The model has no classifier.</summary>
    CannotRank,
}
