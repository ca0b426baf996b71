using System.Text.Json;

namespace Hearth.Server.OpenAi.Responses;

/// <summary>A response that is kept: what was answered, and what it was answered to.</summary>
internal sealed class StoredResponse
{
    // What it costs beside its texts.
    private const int Overhead = 512;
    private readonly byte[] _items;
    private readonly int _inputs;
    private readonly HashSet<string> _itemIds;

    /// <summary>Keeps a response.</summary>
    /// <param name="body">The response.</param>
    /// <param name="owner">The hash of the key that asked; null for none.</param>
    /// <param name="previous">The response that it goes on from; null for none.</param>
    /// <param name="input">The items of the request.</param>
    public StoredResponse(ResponseBody body, string? owner, StoredResponse? previous, IReadOnlyList<ResponseItem> input)
    {
        Id = body.Id;
        Owner = owner;
        Previous = previous;
        Body = JsonSerializer.SerializeToUtf8Bytes(body, ResponsesJson.Web.ResponseBody);
        ResponseItem[] items = [.. input, .. body.Output];
        _items = JsonSerializer.SerializeToUtf8Bytes(items, ResponsesJson.Web.ResponseItemArray);
        _itemIds = [.. items.Select(item => item.Id)];
        _inputs = input.Count;
        Bytes = Overhead + Body.Length + _items.Length + _itemIds.Sum(id => (long)id.Length * sizeof(char));
    }

    /// <summary>Its id.</summary>
    public string Id { get; }

    /// <summary>Whose it is.</summary>
    public string? Owner { get; }

    /// <summary>The response that it goes on from; null for none.</summary>
    public StoredResponse? Previous { get; }

    /// <summary>The response as JSON.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>Bytes that are counted for it, without those of the one before it.</summary>
    public long Bytes { get; }

    /// <summary>How many need it: the store, and the kept responses that go on from it.</summary>
    public int Holders { get; set; }

    /// <summary>When it was used last.</summary>
    public DateTimeOffset Used { get; set; }

    /// <summary>All that was said before this response, and itself; oldest first.</summary>
    public List<ResponseItem> History() => Read(takesOutput: true);

    /// <summary>All that this response answers, oldest first.</summary>
    public List<ResponseItem> Input() => Read(takesOutput: false);

    /// <summary>Whether it has an item of its own with that id.</summary>
    public bool Has(string itemId) => _itemIds.Contains(itemId);

    /// <summary>Its own items: what it answers, without what was said before, and what it says.</summary>
    public ResponseItem[] Items() => JsonSerializer.Deserialize(_items, ResponsesJson.Web.ResponseItemArray)!;

    private List<ResponseItem> Read(bool takesOutput)
    {
        Stack<StoredResponse> chain = new();
        for (StoredResponse? response = this; response is not null; response = response.Previous)
        {
            chain.Push(response);
        }

        List<ResponseItem> items = [];
        foreach (StoredResponse response in chain)
        {
            ResponseItem[] own = response.Items();
            items.AddRange(response == this && !takesOutput ? own.Take(_inputs) : own);
        }

        return items;
    }
}
