namespace Hearth.Server.OpenAi.Responses;

/// <summary>Finds items of kept responses for one request, which may refer to many: each response's items are read once.</summary>
/// <param name="store">What is kept.</param>
/// <param name="owner">Whose items are looked for.</param>
internal sealed class KeptItems(ResponseStore store, string? owner)
{
    private readonly Dictionary<StoredResponse, Dictionary<string, ResponseItem>> _read = [];
    private IReadOnlyList<StoredResponse>? _responses;

    /// <summary>An item, of the response used last that has it; null when none has.</summary>
    public ResponseItem? Find(string id)
    {
        _responses ??= store.Of(owner);
        if (_responses.FirstOrDefault(response => response.Has(id)) is not StoredResponse found)
        {
            return null;
        }

        if (!_read.TryGetValue(found, out Dictionary<string, ResponseItem>? items))
        {
            _read[found] = items = found.Items().DistinctBy(item => item.Id).ToDictionary(item => item.Id);
        }

        return items[id];
    }
}
