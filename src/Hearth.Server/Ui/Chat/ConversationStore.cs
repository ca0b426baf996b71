using System.Text.Json;
using Hearth.Server.Ui.Browser;

namespace Hearth.Server.Ui.Chat;

/// <summary>The conversations, which the browser keeps (IndexedDB). The server keeps none.</summary>
/// <param name="browser">The browser.</param>
internal sealed class ConversationStore(BrowserModule browser)
{
    /// <summary>What there is, the latest first.</summary>
    public async Task<IReadOnlyList<ChatSummary>> ListAsync() => JsonSerializer.Deserialize(await browser.ReadAsync("listChats"), ChatJson.Default.ChatSummaryArray) ?? [];

    /// <summary>A conversation; null where it is gone, or none that can be read.</summary>
    public async Task<ChatDocument?> LoadAsync(string id)
    {
        try
        {
            return JsonSerializer.Deserialize(await browser.ReadAsync("loadChat", id), ChatJson.Default.ChatFile)?.Open();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Keeps a conversation and some of its messages; those that were kept before stay.</summary>
    public ValueTask SaveAsync(ChatDocument chat, IReadOnlyList<ChatNode> nodes) =>
        browser.CallAsync("saveChat", JsonSerializer.Serialize(new ChatFile(chat, nodes), ChatJson.Default.ChatFile));

    /// <summary>Forgets a conversation.</summary>
    public ValueTask RemoveAsync(string id) => browser.CallAsync("removeChat", id);

    /// <summary>Forgets all.</summary>
    public ValueTask RemoveAllAsync() => browser.CallAsync("removeChats");
}
