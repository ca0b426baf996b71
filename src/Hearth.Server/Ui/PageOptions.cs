using Hearth.Server.Access;

namespace Hearth.Server.Ui;

/// <summary>What the page has to know of the server.</summary>
/// <param name="access">Who may ask.</param>
internal sealed class PageOptions(AccessOptions access)
{
    /// <summary>Whether whoever opens the page has to show an API key.</summary>
    public bool WantsKeys() => access.Key is not null || access.Keys is { } keys && keys.List().Count > 0;
}
