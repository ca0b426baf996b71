using System.Security.Claims;
using Hearth.Server.Access;
using Hearth.Server.Settings;
using Microsoft.AspNetCore.Components.Authorization;

namespace Hearth.Server.Ui;

/// <summary>The API key that a page was opened with. What the page asks for counts as the key's requests.</summary>
/// <param name="gate">Knows the keys.</param>
/// <param name="state">Knows the page's.</param>
internal sealed class PageKey(AccessGate gate, AuthenticationStateProvider state)
{
    private string? _hash;

    /// <summary>Finds out which key it is.</summary>
    public async Task ReadAsync()
    {
        ClaimsPrincipal user = (await state.GetAuthenticationStateAsync()).User;
        _hash = user.FindFirst(AccessGate.KeyClaim)?.Value;
    }

    /// <summary>Counts a request; its tokens are counted in what the caller runs from here on.</summary>
    /// <param name="needed">What the key must be for.</param>
    /// <exception cref="Errors.ApiException">The key is not one of the server any more, is not for that, or has used up a limit.</exception>
    public void Begin(KeyScope needed) => gate.Begin(_hash, needed);

    /// <summary>Whether it is for one of some scopes now.</summary>
    public bool Allows(params IReadOnlyList<KeyScope> anyOf)
    {
        try
        {
            return gate.Allows(_hash, anyOf);
        }
        catch (SettingsFileException)
        {
            return false;
        }
    }
}
