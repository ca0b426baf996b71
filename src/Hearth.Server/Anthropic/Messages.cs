using System.Text.Json;
using Hearth.Engine.Scheduling;
using Hearth.Server.Chat;
using Hearth.Server.Hosting;
using Hearth.Server.OpenAi;
using Microsoft.AspNetCore.Http;
using Endpoint = Hearth.Server.OpenAi.Endpoint;

namespace Hearth.Server.Anthropic;

/// <summary><c>POST /v1/messages</c> and <c>POST /v1/messages/count_tokens</c>.</summary>
internal sealed class Messages(ModelHost host)
{
    public async Task HandleAsync(HttpContext context)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        AnthropicApi.NameRequest(context.Response);
        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, cancellationToken);
        MessagesRequest request = MessagesRequest.Read(body.RootElement, host);
        using ModelLease<LanguageModel> lease = await host.LeaseAsync(request.Served, request.KeepAlive, cancellationToken);
        ChatPrompt prompt = ChatService.Encode(lease, request.Conversation, cancellationToken);
        using ChatRun run = ChatRun.Start(lease.Model, prompt, new ChatRunOptions { Generation = request.Generation, EarlyArguments = request.Stream }, cancellationToken);
        MessageWriter writer = new(request.Served.Name, prompt.Tokens.Count, request.HasStops);
        if (request.Stream)
        {
            await Endpoint.StreamAsync(
                context,
                events => StreamAsync(run, writer, events, cancellationToken),
                (events, error) => events.Write(AnthropicErrors.Body(error, context), AnthropicJson.Web.FailureBody, "error"));
        }
        else
        {
            IReadOnlyList<ChatAnswer> answers = await run.CollectAsync(cancellationToken);
            await context.Response.WriteAsJsonAsync(writer.Message(answers[0]), AnthropicJson.Web.MessageBody, cancellationToken: cancellationToken);
        }
    }

    public async Task CountAsync(HttpContext context)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        AnthropicApi.NameRequest(context.Response);
        using JsonDocument body = await Endpoint.ReadBodyAsync(context.Request, cancellationToken);
        (ServedModel served, Conversation conversation) = MessagesRequest.ReadCount(body.RootElement, host);
        using ModelLease<LanguageModel> lease = await host.LeaseAsync(served, null, cancellationToken);
        TokenCount count = new(ChatService.Encode(lease, conversation, cancellationToken).Tokens.Count);
        await context.Response.WriteAsJsonAsync(count, AnthropicJson.Web.TokenCount, cancellationToken: cancellationToken);
    }

    private static async Task StreamAsync(ChatRun run, MessageWriter writer, ServerSentEvents events, CancellationToken cancellationToken)
    {
        void Write(StreamEvent happened) => events.Write(happened, AnthropicJson.Web.StreamEvent, happened.Type);
        Write(writer.Beginning());
        void Take(int index, ChatEvent happened)
        {
            foreach (StreamEvent written in writer.Events(happened))
            {
                Write(written);
            }

            if (happened is ChatFinished finished)
            {
                MessageDeltaEvent ending = writer.Ending(finished);
                events.Write(ending, AnthropicJson.Web.MessageDeltaEvent, ending.Type);
                Write(new StreamEvent("message_stop"));
            }
        }

        await run.ReadAsync(Take, () => events.FlushAsync(cancellationToken), cancellationToken);
    }
}
