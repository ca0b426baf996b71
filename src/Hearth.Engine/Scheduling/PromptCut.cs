namespace Hearth.Engine.Scheduling;

/// <summary>Cuts prompts that do not fit the context, for requests that ask for it.</summary>
internal static class PromptCut
{
    private const int AnswerShare = 4;

    /// <summary>The tokens to read: all that fit.</summary>
    public static List<int> Apply(GenerationRequest request, int contextLength)
    {
        if (request.Prompt.Count < contextLength || !request.Truncate)
        {
            return [.. request.Prompt];
        }

        int answer = Math.Clamp(request.MaxTokens ?? (contextLength / AnswerShare), 1, Math.Max(1, contextLength / 2));
        int length = Math.Max(1, contextLength - answer);
        int keep = Math.Min(request.KeepTokens, length - 1);
        return [.. request.Prompt.Take(keep), .. request.Prompt.Skip(request.Prompt.Count - (length - keep))];
    }
}
