using System.Text.Json;
using Hearth.Server.Errors;
using Hearth.Server.OpenAi;

namespace Hearth.Server.Reranking;

/// <summary>
/// A request to <c>/v1/rerank</c>, as Jina, Cohere and llama-server have it, or with <c>texts</c> as text-embeddings-inference has it.
/// </summary>
/// <param name="Model">The name of the model that ranks, or null.</param>
/// <param name="KeepAlive">How long it stays loaded after the request; null for its own time.</param>
/// <param name="Query">What the documents are compared with.</param>
/// <param name="Documents">The documents.</param>
/// <param name="Count">Results wanted, the best ones.</param>
/// <param name="ReturnDocuments">Whether results have their document's text.</param>
/// <param name="AsTexts">Whether the documents came as <c>texts</c>, so that the answer is a plain array.</param>
/// <param name="Truncate">Whether documents are cut so that they fit.</param>
internal sealed record RerankRequest(
    string? Model, TimeSpan? KeepAlive, string Query, IReadOnlyList<string> Documents, int Count, bool ReturnDocuments, bool AsTexts, bool Truncate)
{
    public static RerankRequest Read(JsonElement root)
    {
        RequestReader reader = new(root);
        string? model = reader.Text("model");
        TimeSpan? keepAlive = reader.KeepAlive();
        string query = reader.RequiredText("query", "what the documents are compared with");
        bool asTexts = reader.TryGet("texts", out _);
        if (asTexts && reader.TryGet("documents", out _))
        {
            throw ApiException.Invalid("'texts' and 'documents' are the same thing; give one of them.", "texts", "invalid_value");
        }

        List<string> documents = ReadDocuments(reader, asTexts ? "texts" : "documents");
        int count = Math.Min(documents.Count, reader.Integer("top_n", 1) ?? documents.Count);
        bool returnDocuments = reader.Flag(asTexts ? "return_text" : "return_documents") ?? false;
        bool truncate = reader.Flag("truncate") ?? false;
        reader.Note("user");
        reader.End();
        return new RerankRequest(model, keepAlive, query, documents, count, returnDocuments, asTexts, truncate);
    }

    /// <summary>Texts in a field, each a string or an object with <c>text</c>.</summary>
    public static List<string> ReadDocuments(RequestReader reader, string name)
    {
        if (!reader.TryGet(name, out JsonElement value))
        {
            throw ApiException.Invalid($"'{name}' is missing: the texts to rank.", name, "missing_required_parameter");
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            throw reader.Wrong(name, "an array of strings", value);
        }

        return value.GetArrayLength() switch
        {
            0 => throw ApiException.Invalid($"'{name}' is empty: there is nothing to rank.", name, "invalid_value"),
            > EmbeddingRequest.MaxInputs => throw ApiException.Invalid(
                $"'{name}' may have at most {EmbeddingRequest.MaxInputs} entries, not {value.GetArrayLength()}.", name, "invalid_value"),
            _ => [.. value.EnumerateArray().Select((item, index) => ReadDocument(reader, item, $"{name}[{index}]"))],
        };
    }

    private static string ReadDocument(RequestReader reader, JsonElement item, string path)
    {
        if (item.ValueKind == JsonValueKind.String)
        {
            return reader.Text(item, path);
        }

        if (item.ValueKind != JsonValueKind.Object)
        {
            throw reader.Wrong(path, "a string or an object with 'text'", item);
        }

        RequestReader document = new(item, path);
        string text = document.RequiredText("text", "the document");
        document.End();
        return text;
    }
}
