using System.Text.Json;
using Hearth.Engine.Scheduling;
using Hearth.Server.Chat;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Ollama;

/// <summary><c>POST /api/chat</c>.</summary>
internal sealed class OllamaChat(OllamaModels models, TimeProvider time)
{
    public async Task HandleAsync(HttpContext context)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        using JsonDocument body = await OllamaBody.ReadAsync(context.Request, cancellationToken);
        RequestReader reader = new(body.RootElement);
        OllamaRequest request = OllamaRequest.Read(reader);
        Conversation conversation = new(OllamaMessageReader.Read(reader)) { Tools = OllamaToolReader.Read(reader) };
        if (string.IsNullOrEmpty(request.Model))
        {
            throw OllamaErrors.Invalid("model is required");
        }

        long started = time.GetTimestamp();
        bool isEmpty = conversation.Messages.Count == 0;
        ServedModel served = isEmpty && request.Unloads ? models.Find(request.Model) : models.FindLanguage(request.Model, "chat");
        if (isEmpty)
        {
            await OllamaRun.LoadAsync(context, models, request, served, new OllamaAnswer(request.Model, time, isChat: true, started));
            return;
        }

        using ModelLease<LanguageModel> lease = await models.LeaseAsync(served, request.KeepAlive, request.Options.Context, cancellationToken);
        OllamaAnswer answer = new(request.Model, time, isChat: true, started)
        {
            HasLogProbabilities = request.TopLogProbabilities is not null,
            IsMuted = request.IsMuted,
            LoadTime = time.GetElapsedTime(started),
        };
        conversation = conversation with { Thinking = request.ThinkingOf(lease.Model, conversation) };
        ChatPrompt prompt = request.Truncate
            ? ShortenedPrompt.Encode(lease, conversation, lease.Model.ContextLength - 1, cancellationToken)
            : ChatService.Encode(lease, conversation, cancellationToken);
        await OllamaRun.AnswerAsync(context, request, lease, prompt, conversation.Thinking is { IsOn: true }, answer);
    }
}
