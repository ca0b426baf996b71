using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Access;

/// <summary>Gives every request an ID, in the answer's header and in the log: the client's own, where it sends one.</summary>
internal static partial class RequestId
{
    private const string Header = "x-request-id";

    /// <summary>The ID of a request, which its answer gets.</summary>
    public static string Assign(HttpContext context)
    {
        string? sent = context.Request.Headers[Header];
        string id = sent is not null && Sound().IsMatch(sent) ? sent : $"req_{Guid.NewGuid():N}";
        context.TraceIdentifier = id;
        context.Response.OnStarting(() =>
        {
            context.Response.Headers[Header] = id;
            return Task.CompletedTask;
        });
        return id;
    }

    [GeneratedRegex(@"^[A-Za-z0-9._:-]{1,128}\z")]
    private static partial Regex Sound();
}
