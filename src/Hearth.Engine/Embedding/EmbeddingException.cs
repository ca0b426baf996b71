using Hearth.Engine.Models;

namespace Hearth.Engine.Embedding;

/// <summary>A text that cannot be embedded.</summary>
public sealed class EmbeddingException : Exception
{
    private EmbeddingException(EmbeddingErrorKind kind, string message)
        : base(message) => Kind = kind;

    /// <summary>The cause.</summary>
    public EmbeddingErrorKind Kind { get; }

    /// <summary>The place of the input in its request, from 0 on; null when it is not about one.</summary>
    public int? Input { get; private init; }

    /// <summary>Tokens of an input that is too long; otherwise null.</summary>
    public int? Tokens { get; private init; }

    internal static EmbeddingException TooLong(int input, int tokens, int contextLength) => new(
        EmbeddingErrorKind.InputTooLong,
        $"Input {input} has {tokens} tokens; the context in force holds {contextLength}. Shorten it, ask for truncation, or raise the context size.")
    {
        Input = input,
        Tokens = tokens,
    };

    internal static EmbeddingException QueryTooLong(int tokens, int contextLength) => new(
        EmbeddingErrorKind.InputTooLong,
        $"The query has {tokens} tokens with what is added to it; the context in force holds {contextLength}, so nothing of the document is left. Shorten the query.")
    {
        Tokens = tokens,
    };

    internal static EmbeddingException Empty(int input) => new(EmbeddingErrorKind.EmptyInput, $"Input {input} has no tokens: there is nothing to embed.")
    {
        Input = input,
    };

    internal static EmbeddingException UnknownToken(int input, int token, int vocabularySize) => new(
        EmbeddingErrorKind.UnknownToken, $"Input {input} has the token {token}, which is not in the vocabulary of {vocabularySize}.")
    {
        Input = input,
    };

    internal static EmbeddingException CannotRank(ModelConfig config) => new(
        EmbeddingErrorKind.CannotRank,
        $"This '{config.Architecture}' model has no classifier, so it cannot rank. Use a reranker, or another pooling.");

    internal static EmbeddingException NotFinite(int input) => new(
        EmbeddingErrorKind.NotFinite, $"The model's result for input {input} is not a number. The file may be damaged, or its values overflow.")
    {
        Input = input,
    };
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

    /// <summary>The model computed values that are infinite or not numbers.</summary>
    NotFinite,
}
