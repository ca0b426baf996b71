using System.Text.Json;
using Hearth.Engine.Embedding;
using Hearth.Engine.Tokenization;
using Hearth.Server.Access;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Ollama;

/// <summary><c>POST /api/embed</c> and <c>/api/embeddings</c>.</summary>
internal sealed class OllamaEmbed(OllamaModels models, TimeProvider time)
{
    private const int MaxInputs = 1 << 16;

    /// <summary><c>POST /api/embed</c>.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        long started = time.GetTimestamp();
        CancellationToken cancellationToken = context.RequestAborted;
        using JsonDocument body = await OllamaBody.ReadAsync(context.Request, cancellationToken);
        RequestReader reader = new(body.RootElement);
        string? name = reader.Text("model");
        TimeSpan? keepAlive = reader.KeepAlive();
        int? limit = OllamaOptions.Read(reader).Context;
        bool truncate = reader.Flag("truncate") ?? true;
        int dimensions = reader.Integer("dimensions") ?? 0;
        IReadOnlyList<string> inputs = ReadInputs(reader);
        using ModelLease<EmbeddingModel> lease = await LeaseAsync(name, keepAlive, isRequired: false, cancellationToken);
        TimeSpan loadTime = time.GetElapsedTime(started);
        IReadOnlyList<int>[] tokens = [.. inputs.Select(input => Encode(lease.Model, input, limit, truncate))];
        IReadOnlyList<float[]> vectors = await EmbedAsync(lease.Model, tokens, cancellationToken);
        float[][] finished = [.. vectors.Select(vector => EmbeddingNorm.Scale(vector.AsSpan(0, dimensions > 0 ? Math.Min(dimensions, vector.Length) : vector.Length)))];
        EmbedBody answer = new(name!, finished, OllamaWriter.Duration(time.GetElapsedTime(started)), OllamaWriter.Duration(loadTime), tokens.Sum(input => input.Count));
        await OllamaWriter.AnswerAsync(context, answer, OllamaJson.Web.EmbedBody);
    }

    /// <summary><c>POST /api/embeddings</c>.</summary>
    public async Task HandleLegacyAsync(HttpContext context)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        using JsonDocument body = await OllamaBody.ReadAsync(context.Request, cancellationToken);
        RequestReader reader = new(body.RootElement);
        string? name = reader.Text("model");
        TimeSpan? keepAlive = reader.KeepAlive();
        int? limit = OllamaOptions.Read(reader).Context;
        string prompt = reader.Text("prompt") ?? string.Empty;
        using ModelLease<EmbeddingModel> lease = await LeaseAsync(name, keepAlive, isRequired: true, cancellationToken);
        IReadOnlyList<float[]> vectors = prompt.Length == 0 ? [] : await EmbedAsync(lease.Model, [Encode(lease.Model, prompt, limit, truncate: true)], cancellationToken);
        await OllamaWriter.AnswerAsync(context, new EmbeddingBody(vectors is [float[] vector] ? EmbeddingNorm.Scale(vector) : []), OllamaJson.Web.EmbeddingBody);
    }

    private async Task<ModelLease<EmbeddingModel>> LeaseAsync(string? name, TimeSpan? keepAlive, bool isRequired, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(name))
        {
            throw isRequired ? OllamaErrors.Invalid("model is required") : OllamaErrors.NotFound(string.Empty);
        }

        ServedModel served;
        try
        {
            served = models.Find(name);
        }
        catch (ApiException exception) when (exception.Status == StatusCodes.Status404NotFound)
        {
            throw OllamaErrors.Of(StatusCodes.Status404NotFound, $"model \"{name}\" not found, try pulling it first");
        }

        return await models.Host.AcquireEmbeddingAsync(served, keepAlive, cancellationToken);
    }

    private static async Task<IReadOnlyList<float[]>> EmbedAsync(EmbeddingModel model, IReadOnlyList<int>[] inputs, CancellationToken cancellationToken)
    {
        if (inputs.Length == 0)
        {
            return [];
        }

        try
        {
            IReadOnlyList<float[]> vectors = await model.EmbedAsync(inputs, cancellationToken: cancellationToken);
            RequestUsage.Count(inputs.Sum(input => input.Count));
            return vectors;
        }
        catch (EmbeddingException exception)
        {
            throw OllamaErrors.Invalid(exception.Message);
        }
    }

    // An empty text is no input, unless it stands in a list.
    private static IReadOnlyList<string> ReadInputs(RequestReader reader)
    {
        if (!reader.TryGet("input", out JsonElement value))
        {
            return [];
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => value.GetString() is { Length: > 0 } text ? [text] : [],
            JsonValueKind.Array when value.GetArrayLength() > MaxInputs => throw OllamaErrors.Invalid($"input has {value.GetArrayLength()} texts; at most {MaxInputs} are taken"),
            JsonValueKind.Array when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) => [.. value.EnumerateArray().Select(item => item.GetString()!)],
            _ => throw OllamaErrors.Invalid("invalid input type"),
        };
    }

    private static IReadOnlyList<int> Encode(EmbeddingModel model, string text, int? limit, bool truncate)
    {
        if (model.Tokenizer is not Tokenizer tokenizer)
        {
            throw OllamaErrors.Invalid("the model has no vocabulary and cannot embed texts");
        }

        IReadOnlyList<int> tokens = model.Encode(text);
        int length = Math.Min(limit ?? int.MaxValue, model.ContextLength);
        if (tokens.Count <= length)
        {
            return tokens;
        }

        if (!truncate)
        {
            throw OllamaErrors.Invalid("the input length exceeds the context length");
        }

        // What the vocabulary adds at the beginning and at the end stays.
        int before = tokens.TakeWhile(tokenizer.IsControl).Count();
        int after = tokens.Reverse().TakeWhile(tokenizer.IsControl).Count();
        return before + after < length ? [.. tokens.Take(length - after), .. tokens.Skip(tokens.Count - after)]
            : throw OllamaErrors.Invalid("input after truncation exceeds maximum context length");
    }
}
