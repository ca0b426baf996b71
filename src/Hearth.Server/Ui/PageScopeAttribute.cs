using System.Reflection;
using Hearth.Server.Access;

namespace Hearth.Server.Ui;

/// <summary>What the key that the page was opened with must be for, one of them, to see a component.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class PageScopeAttribute(params KeyScope[] anyOf) : Attribute
{
    /// <summary>The scopes.</summary>
    public IReadOnlyList<KeyScope> AnyOf { get; } = anyOf;

    /// <summary>The scopes for a component; one that does not say is for administrators.</summary>
    /// <param name="component">Its type; null where there is no page at an address, which anybody may be told.</param>
    public static IReadOnlyList<KeyScope> Of(Type? component) => component is null ? Enum.GetValues<KeyScope>()
        : component.GetCustomAttribute<PageScopeAttribute>()?.AnyOf ?? [KeyScope.Admin];
}
