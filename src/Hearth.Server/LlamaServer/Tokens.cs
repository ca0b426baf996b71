using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tokenization;
using Hearth.Server.Chat;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;
using Microsoft.AspNetCore.Http;
using Endpoint = Hearth.Server.OpenAi.Endpoint;

namespace Hearth.Server.LlamaServer;

/// <summary><c>POST /tokenize</c>, <c>POST /detokenize</c> and <c>POST /apply-template</c>.</summary>
internal sealed class Tokens(ModelHost host)
{
    public async Task TokenizeAsync(HttpContext context)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, cancellationToken);
        RequestReader reader = new(body.RootElement);
        ServedModel served = host.FindLanguage(reader.Text("model"));
        bool addSpecial = reader.Flag("add_special") ?? false;
        bool parseSpecial = reader.Flag("parse_special") ?? true;
        bool withPieces = reader.Flag("with_pieces") ?? false;
        NativePrompt content = reader.TryGet("content", out JsonElement value)
            ? NativePrompt.Read(reader, "content", value, served.Header.Config.VocabularySize)
            : new NativePrompt([]);
        using ModelLease<LanguageModel> lease = await host.LeaseAsync(served, null, cancellationToken);
        Tokenizer tokenizer = lease.Model.Tokenizer;
        List<int> tokens = content.Encode(tokenizer, addSpecial, parseSpecial);
        PieceList Pieces() => new([.. tokens.Select(token => new TokenPiece(token, PieceOf(tokenizer, token)))]);
        await (withPieces
            ? context.Response.WriteAsJsonAsync(Pieces(), LlamaJson.Web.PieceList, cancellationToken: cancellationToken)
            : context.Response.WriteAsJsonAsync(new TokenList(tokens), LlamaJson.Web.TokenList, cancellationToken: cancellationToken));
    }

    public async Task DetokenizeAsync(HttpContext context)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, cancellationToken);
        RequestReader reader = new(body.RootElement);
        ServedModel served = host.FindLanguage(reader.Text("model"));
        List<int> tokens = !reader.TryGet("tokens", out JsonElement value) ? []
            : value.ValueKind == JsonValueKind.Array ? reader.Tokens(value, "tokens", served.Header.Config.VocabularySize)
            : throw reader.Wrong("tokens", "an array of token ids", value);
        using ModelLease<LanguageModel> lease = await host.LeaseAsync(served, null, cancellationToken);
        ContentBody content = new(lease.Model.Tokenizer.DecodeText(tokens, includeSpecial: true));
        await context.Response.WriteAsJsonAsync(content, LlamaJson.Web.ContentBody, cancellationToken: cancellationToken);
    }

    public async Task ApplyTemplateAsync(HttpContext context)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, cancellationToken);
        ChatRequest request = ChatRequest.Read(body.RootElement, host);
        using ModelLease<LanguageModel> lease = await request.Parameters.AcquireAsync(host, cancellationToken);
        PromptBody prompt = new(ChatService.Encode(lease, request.Conversation, cancellationToken).Text);
        await context.Response.WriteAsJsonAsync(prompt, LlamaJson.Web.PromptBody, cancellationToken: cancellationToken);
    }

    private static JsonNode PieceOf(Tokenizer tokenizer, int token)
    {
        byte[] bytes = [.. tokenizer.TokenBytes(token)];
        return Utf8.IsValid(bytes) ? JsonValue.Create(Encoding.UTF8.GetString(bytes)) : new JsonArray([.. bytes.Select(value => (JsonNode)JsonValue.Create((int)value))]);
    }
}
