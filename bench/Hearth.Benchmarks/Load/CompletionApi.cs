namespace Hearth.Benchmarks.Load;

/// <summary>Which address answers.</summary>
internal enum CompletionApi
{
    /// <summary><c>/v1/completions</c>, with prompts of token ids.</summary>
    Completions,

    /// <summary><c>/v1/chat/completions</c>, with messages of words.</summary>
    Chat,
}
