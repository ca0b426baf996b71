using Hearth.Server.Errors;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server;

/// <summary>Reads flags of a query, in the spellings that Docker Model Runner's clients use.</summary>
internal static class QueryFlags
{
    /// <summary>The flag; false when it is absent or empty.</summary>
    /// <exception cref="ApiException">It is something else than true or false.</exception>
    public static bool Read(HttpRequest request, string name)
    {
        string? text = request.Query[name];
        return text switch
        {
            null or "" => false,
            "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
            "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
            _ => throw ApiException.Invalid($"'{name}' is '{text}'; expected true or false.", name, "invalid_value"),
        };
    }
}
