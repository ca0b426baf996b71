namespace Hearth.Server.Access;

/// <summary>Counts the tokens of the request that runs, whichever API it came by.</summary>
internal sealed class RequestUsage(Action<long> add)
{
    private static readonly AsyncLocal<RequestUsage?> s_current = new();

    /// <summary>Counts tokens, read or made, for the request that the caller works for.</summary>
    public static void Count(long tokens) => s_current.Value?.Add(tokens);

    /// <summary>Counts those of the current request from now on.</summary>
    public void Follow() => s_current.Value = this;

    private void Add(long tokens) => add(tokens);
}
