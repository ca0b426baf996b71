using System.Text;
using Microsoft.JSInterop;

namespace Hearth.Server.Ui.Browser;

/// <summary>The page's script. What it does is said there; here is how it is called.</summary>
/// <param name="script">The browser.</param>
/// <param name="assets">The page's files.</param>
internal sealed class BrowserModule(IJSRuntime script, PageAssets assets) : IAsyncDisposable
{
    private const long MaxTextBytes = 64L * 1024 * 1024;
    private IJSObjectReference? _module;

    /// <summary>Calls a function.</summary>
    public async ValueTask CallAsync(string function, params object?[] arguments) => await (await LoadAsync()).InvokeVoidAsync(function, arguments);

    /// <summary>Calls a function that gives something small.</summary>
    public async ValueTask<T> CallAsync<T>(string function, params object?[] arguments) => await (await LoadAsync()).InvokeAsync<T>(function, arguments);

    /// <summary>Calls a function that gives a text of any length, which comes in pieces.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The text has more than 64 MiB.</exception>
    /// <exception cref="JSException">The function failed, or the browser went away meanwhile.</exception>
    public async ValueTask<string> ReadAsync(string function, params object?[] arguments)
    {
        try
        {
            await using IJSStreamReference reference = await (await LoadAsync()).InvokeAsync<IJSStreamReference>(function, arguments);
            await using Stream stream = await reference.OpenReadStreamAsync(MaxTextBytes);
            using StreamReader reader = new(stream, Encoding.UTF8);
            return await reader.ReadToEndAsync();
        }
        catch (Exception exception) when (exception is TimeoutException or ObjectDisposedException)
        {
            throw new JSException("The browser does not answer.", exception);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_module is not null)
        {
            try
            {
                await _module.DisposeAsync();
            }
            catch (JSDisconnectedException)
            {
                // The browser has gone, and the script with it.
            }
        }
    }

    private async ValueTask<IJSObjectReference> LoadAsync() => _module ??= await script.InvokeAsync<IJSObjectReference>("import", "/" + assets.UrlOf("hearth.js"));
}
