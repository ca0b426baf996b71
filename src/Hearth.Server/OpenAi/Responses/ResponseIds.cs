namespace Hearth.Server.OpenAi.Responses;

/// <summary>Names of responses and of their items.</summary>
internal static class ResponseIds
{
    public const string Response = "resp";
    public const string Message = "msg";
    public const string Reasoning = "rs";
    public const string Call = "fc";
    public const string Result = "fco";

    /// <summary>A name that nothing else has, and nobody can guess.</summary>
    /// <param name="kind">What is named.</param>
    public static string New(string kind) => $"{kind}_{Guid.NewGuid():N}";
}
