using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Access;

/// <summary>Whose a request is: the name of the key that it has shown.</summary>
internal sealed class RequestOwner
{
    private readonly string? _name;

    private RequestOwner(string? name) => _name = name;

    /// <summary>The owner's name; null where no keys are wanted.</summary>
    public static string? Of(HttpContext context) => context.Features.Get<RequestOwner>()?._name;

    /// <summary>Notes whose the request is.</summary>
    public static void Set(HttpContext context, string? name) => context.Features.Set(new RequestOwner(name));
}
