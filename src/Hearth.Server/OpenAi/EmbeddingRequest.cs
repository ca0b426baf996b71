using System.Text.Json;
using Hearth.Engine.Embedding;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;

namespace Hearth.Server.OpenAi;

/// <summary>A request to <c>/v1/embeddings</c>.</summary>
/// <param name="Lease">The model that embeds, kept loaded until this is disposed.</param>
/// <param name="Inputs">The inputs, each as token ids.</param>
/// <param name="AsBase64">Whether vectors are written as base64.</param>
/// <param name="Dimensions">Elements that are left of each vector, or null for all.</param>
/// <param name="Norm">How vectors are normalised; see <see cref="EmbeddingNorm"/>.</param>
internal sealed record EmbeddingRequest(
    ModelLease<EmbeddingModel> Lease, IReadOnlyList<IReadOnlyList<int>> Inputs, bool AsBase64, int? Dimensions, int Norm) : IDisposable
{
    /// <summary>Inputs, or pairs, that a request may have.</summary>
    public const int MaxInputs = 2048;

    /// <summary>Reads a request and loads its model.</summary>
    /// <param name="root">The body.</param>
    /// <param name="host">The models.</param>
    /// <param name="field">The field that has the inputs.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<EmbeddingRequest> ReadAsync(JsonElement root, ModelHost host, string field, CancellationToken cancellationToken)
    {
        RequestReader reader = new(root);
        string? name = reader.Text("model");
        TimeSpan? keepAlive = reader.KeepAlive();
        bool asBase64 = reader.Text("encoding_format") switch
        {
            null or "float" => false,
            "base64" => true,
            string other => throw ApiException.Invalid($"'encoding_format' is '{other}'; expected float or base64.", "encoding_format", "invalid_value"),
        };
        reader.Integer("dimensions", 1);
        int norm = reader.Integer("embd_normalize", EmbeddingNorm.None, EmbeddingNorm.MaxNorm) ?? EmbeddingNorm.Euclidean;
        bool truncate = reader.Flag("truncate") ?? false;
        reader.Note("user");
        bool hasInput = reader.TryGet(field, out JsonElement input);
        reader.End();
        if (!hasInput)
        {
            throw ApiException.Invalid($"'{field}' is missing: the text to embed.", field, "missing_required_parameter");
        }

        ModelLease<EmbeddingModel> lease = await host.AcquireEmbeddingAsync(name, keepAlive, cancellationToken);
        try
        {
            int? dimensions = reader.Integer("dimensions", 1, lease.Model.VectorLength);
            return new EmbeddingRequest(lease, ReadInputs(reader, field, input, lease.Model, truncate), asBase64, dimensions, norm);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Lease.Dispose();

    private static List<IReadOnlyList<int>> ReadInputs(RequestReader reader, string field, JsonElement value, EmbeddingModel model, bool truncate)
    {
        bool isList = value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value[0].ValueKind != JsonValueKind.Number;
        if (!isList)
        {
            return [ReadInput(reader, value, field, model, truncate)];
        }

        return value.GetArrayLength() <= MaxInputs
            ? [.. value.EnumerateArray().Select((item, index) => ReadInput(reader, item, $"{field}[{index}]", model, truncate))]
            : throw ApiException.Invalid($"'{field}' may have at most {MaxInputs} entries, not {value.GetArrayLength()}.", field, "invalid_value");
    }

    private static IReadOnlyList<int> ReadInput(RequestReader reader, JsonElement value, string name, EmbeddingModel model, bool truncate)
    {
        bool isEmpty = value.ValueKind == JsonValueKind.String ? value.ValueEquals(string.Empty) : value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0;
        if (isEmpty)
        {
            throw ApiException.Invalid($"'{name}' is empty: there is nothing to embed.", name, "invalid_value");
        }

        return value.ValueKind switch
        {
            JsonValueKind.String when model.Tokenizer is null => throw ApiException.Invalid("The model has no vocabulary, so it takes token ids only.", name, "invalid_type"),
            JsonValueKind.String => model.Encode(reader.Text(value, name), truncate),
            JsonValueKind.Array => Cut(reader.Tokens(value, name, model.Config.VocabularySize), truncate ? model.ContextLength : int.MaxValue),
            _ => throw reader.Wrong(name, "a string, an array of token ids, or an array of these", value),
        };
    }

    private static List<int> Cut(List<int> tokens, int length) => tokens.Count <= length ? tokens : tokens[..length];
}
