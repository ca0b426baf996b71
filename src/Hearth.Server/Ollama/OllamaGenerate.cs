using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Engine.Output.Replies;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Templates;
using Hearth.Engine.Tokenization;
using Hearth.Server.Chat;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Ollama;

/// <summary><c>POST /api/generate</c>.</summary>
internal sealed class OllamaGenerate(OllamaModels models, TimeProvider time)
{
    public async Task HandleAsync(HttpContext context)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        using JsonDocument body = await OllamaBody.ReadAsync(context.Request, cancellationToken);
        RequestReader reader = new(body.RootElement);
        OllamaRequest request = OllamaRequest.Read(reader);
        OllamaGenerateInput input = OllamaGenerateInput.Read(reader);
        bool isEmpty = input.Prompt.Length == 0;
        ServedModel served = isEmpty && request.Unloads ? models.Find(request.Model) : models.FindLanguage(request.Model, "generate");
        IReadOnlyList<int> before = OllamaGenerateInput.ReadContext(reader, served.Header.VocabularySize);
        if (isEmpty)
        {
            await OllamaRun.LoadAsync(context, models, request, served, new OllamaAnswer(request.Model!, time, isChat: false, time.GetTimestamp()));
            return;
        }

        long started = time.GetTimestamp();
        using ModelLease<LanguageModel> lease = await models.LeaseAsync(served, request.KeepAlive, request.Options.Context, cancellationToken);
        TimeSpan loadTime = time.GetElapsedTime(started);
        (ChatPrompt prompt, bool thinks) = input.IsRaw ? (Raw(lease.Model, input.Prompt), false) : Render(lease, request, input, before, cancellationToken);
        Tokenizer tokenizer = lease.Model.Tokenizer;
        OllamaAnswer answer = new(request.Model!, time, isChat: false, started)
        {
            HasLogProbabilities = request.TopLogProbabilities is not null,
            IsMuted = request.IsMuted,
            LoadTime = loadTime,
            ContextOf = input.IsRaw ? null : text => [.. prompt.Tokens, .. tokenizer.Encode(text, addSpecial: false, parseSpecial: false)],
        };
        await OllamaRun.AnswerAsync(context, request, lease, prompt, thinks, answer);
    }

    private static ChatPrompt Raw(LanguageModel model, string text)
    {
        ReplyFormat plain = ReplyFormat.Detect(string.Empty, _ => false);
        ReplyOptions reply = new() { SeparateReasoning = false };
        List<int> tokens = model.Tokenizer.Encode(text, addSpecial: true, parseSpecial: true);
        return tokens.Count > 0 ? new ChatPrompt(tokens, text, plain, reply, new HashSet<int>(), token => !model.Tokenizer.IsHidden(token))
            : throw OllamaErrors.Invalid("the prompt has no tokens");
    }

    private static (ChatPrompt Prompt, bool Thinks) Render(ModelLease<LanguageModel> lease, OllamaRequest request, OllamaGenerateInput input, IReadOnlyList<int> before, CancellationToken cancellationToken)
    {
        LanguageModel model = lease.Model;
        ChatMessage[] system = string.IsNullOrEmpty(input.System) ? [] : [new ChatMessage(ChatMessage.SystemRole, input.System)];
        Conversation conversation = new([.. system, new ChatMessage(ChatMessage.UserRole, input.Prompt)]) { Template = input.Template };
        if (input.Suffix.Length > 0)
        {
            ChatTemplate template = ModelTemplate.Of(model, conversation).Template;
            conversation = template.Features.HasFlag(ChatTemplateFeatures.Suffix)
                ? conversation with { TemplateArguments = new JsonObject { ["prompt"] = input.Prompt, ["suffix"] = input.Suffix } }
                : throw OllamaErrors.Invalid($"{OllamaModels.FullNameOf(request.Model!)} does not support insert");
        }

        conversation = conversation with { Thinking = request.ThinkingOf(model, conversation), ReasoningBudget = lease.Served.Options.ReasoningBudget };

        // What was said before stands for the package's own messages, too.
        ChatPrompt prompt = before.Count == 0 ? ChatService.Encode(lease, conversation, cancellationToken)
            : ChatService.Encode(model, system.Length > 0 || string.IsNullOrEmpty(lease.Served.Options.Conversation.System) ? conversation
                : conversation with { Messages = [new ChatMessage(ChatMessage.SystemRole, lease.Served.Options.Conversation.System), .. conversation.Messages] }, cancellationToken);
        return (prompt.After(before, model.Tokenizer.Special), conversation.Thinking is { IsOn: true });
    }
}
