using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Ui;

/// <summary>The page has no form that is posted: none is taken, and no cookie is set to tell good ones from bad ones.</summary>
internal sealed class NoForms : IAntiforgery
{
    private static readonly AntiforgeryTokenSet s_none = new(null, null, "none", null);

    public AntiforgeryTokenSet GetAndStoreTokens(HttpContext httpContext) => s_none;

    public AntiforgeryTokenSet GetTokens(HttpContext httpContext) => s_none;

    public Task<bool> IsRequestValidAsync(HttpContext httpContext) => Task.FromResult(HttpMethods.IsGet(httpContext.Request.Method) || HttpMethods.IsHead(httpContext.Request.Method));

    public void SetCookieTokenAndHeader(HttpContext httpContext)
    {
        // There is none.
    }

    public async Task ValidateRequestAsync(HttpContext httpContext)
    {
        if (!await IsRequestValidAsync(httpContext))
        {
            throw new AntiforgeryValidationException("The page has no form that is posted.");
        }
    }
}
