using Hearth.Server.Observability;

namespace Hearth.Server.Access;

/// <summary>Counts the tokens of the request that runs, whichever API it came by.</summary>
internal sealed class RequestUsage(Action<long> add)
{
    private static readonly AsyncLocal<RequestUsage?> s_current = new();

    /// <summary>Counts tokens for the request that the caller works for.</summary>
    /// <param name="prompt">Tokens that were read.</param>
    /// <param name="completion">Tokens that were made.</param>
    public static void Count(long prompt, long completion = 0)
    {
        s_current.Value?.Add(prompt + completion);
        RequestMeasurement.Current?.Count(prompt, completion);
    }

    /// <summary>Counts those of the current request from now on.</summary>
    public void Follow() => s_current.Value = this;

    private void Add(long tokens) => add(tokens);
}
