using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Engine.Gguf;
using Hearth.Server.Chat;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;
using Hearth.Store.Manifests;
using Hearth.Store.Packaging;
using Hearth.Store.References;
using Hearth.Store.Storage;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Ollama;

/// <summary><c>POST /api/create</c>.</summary>
internal sealed class OllamaCreate(OllamaModels models)
{
    private const int MaxLicenses = 100;
    private static readonly string[] s_unsupported = ["quantize", "draft_quantize", "draft_files", "remote_host", "info"];

    public async Task HandleAsync(HttpContext context)
    {
        using JsonDocument body = await OllamaBody.ReadAsync(context.Request, context.RequestAborted);
        RequestReader reader = new(body.RootElement);
        ModelReference target = models.TargetOf(OllamaRequest.Name(reader)) ?? throw OllamaErrors.Invalid("invalid model name");
        bool isStream = reader.Flag("stream") ?? true;
        string from = reader.Text("from") ?? string.Empty;
        CreationRequest request = Read(reader);
        if (from.Length == 0 && request.Files.Count == 0)
        {
            throw OllamaErrors.Invalid("neither 'from' or 'files' was specified");
        }

        if (from.Length > 0 && models.FindFile(from) is null && models.SourceOf(from) is null && models.FindStored(from) is null)
        {
            throw OllamaErrors.Invalid("invalid model name");
        }

        await OllamaProgress.RunAsync(context, isStream, async (tell, cancellationToken) =>
        {
            CreationRequest whole = from.Length == 0 ? request : await BaseAsync(from, request, tell, cancellationToken);
            StoredModel? before = models.HolderOf(target);
            try
            {
                await models.Store.CreateAsync(whole, target, new Steps(tell), cancellationToken);
            }
            catch (GgufException exception)
            {
                throw OllamaErrors.Invalid($"supplied file was not in GGUF format: {exception.Message}");
            }

            models.RemoveReplaced(before);
        });
    }

    // A base that is not here is pulled.
    private async Task<CreationRequest> BaseAsync(string from, CreationRequest request, Action<ProgressBody> tell, CancellationToken cancellationToken)
    {
        if (models.FindStored(from) is (StoredModel stored, _))
        {
            return request with { Base = stored };
        }

        if (models.FindFile(from) is ServedModel served)
        {
            return request with { Files = [CreationFile.FromPath(served.Path), .. request.Files] };
        }

        ModelReference source = models.SourceOf(from)!;
        await OllamaTransfers.PullAsync(models, source, isInsecure: false, tell, cancellationToken);
        return request with { Base = models.Store.Get(source.ToString()) };
    }

    private CreationRequest Read(RequestReader reader)
    {
        foreach (string name in s_unsupported)
        {
            reader.Refuse(name, value => GenerationParameters.IsNothing(value) || GenerationParameters.IsText(string.Empty)(value), name.Contains("quantize", StringComparison.Ordinal)
                ? ": 'hearth quantize' makes a file with fewer bits, to create a model of" : string.Empty);
        }

        string? template = reader.Text("template");
        if (!string.IsNullOrEmpty(template))
        {
            OllamaGenerateInput.ParseTemplate(template);
        }

        return new CreationRequest
        {
            Files = ReadFiles(reader, "files"),
            Adapters = ReadFiles(reader, "adapters"),
            Template = template,
            System = reader.Text("system"),
            Parameters = ReadParameters(reader),
            Messages = ReadMessages(reader),
            Licenses = reader.Texts("license", MaxLicenses),
            Renderer = reader.Text("renderer"),
            Parser = reader.Text("parser"),
            Requires = reader.Text("requires"),
        };
    }

    private CreationFile[] ReadFiles(RequestReader reader, string name)
    {
        if (!reader.TryGet(name, out JsonElement value))
        {
            return [];
        }

        return value.ValueKind == JsonValueKind.Object ? [.. value.EnumerateObject().Select(ReadFile)] : throw reader.Wrong(name, "an object of names and digests", value);
    }

    private CreationFile ReadFile(JsonProperty file)
    {
        string[] parts = file.Name.Split('/', '\\');
        if (parts.Any(part => part is "" or "." or ".."))
        {
            throw OllamaErrors.Invalid("file path must be relative");
        }

        if (file.Value.ValueKind != JsonValueKind.String || !Digest.TryParse(file.Value.GetString(), out Digest digest))
        {
            throw OllamaErrors.Invalid("invalid digest format");
        }

        return models.Store.HasContent(digest) ? CreationFile.FromContent(parts[^1], digest) : throw OllamaErrors.Invalid($"blob \"{digest}\" not found: send it to /api/blobs first");
    }

    private static JsonObject? ReadParameters(RequestReader reader) => !reader.TryGet("parameters", out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Object ? OllamaOptions.Check(value)
        : throw reader.Wrong("parameters", "an object", value);

    private static PackagedMessage[] ReadMessages(RequestReader reader) => [.. OllamaMessageReader.Read(reader).Select(ToPackaged)];

    private static PackagedMessage ToPackaged(ChatMessage message, int index)
    {
        string? more = message.Reasoning is not null ? "thinking" : message.ToolCalls.Count > 0 ? "tool_calls" : message.ToolCallId is not null ? "tool_call_id"
            : message.ToolName is not null ? "tool_name" : null;
        return more is null ? new PackagedMessage(message.Role, message.Content)
            : throw ApiException.Unsupported($"messages[{index}].{more}", $"'messages[{index}].{more}' is not supported: a model keeps what messages say");
    }

    private sealed class Steps(Action<ProgressBody> tell) : IProgress<string>
    {
        public void Report(string value) => tell(new ProgressBody(value));
    }
}
