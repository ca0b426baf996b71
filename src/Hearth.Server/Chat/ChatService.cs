using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Templates;
using Hearth.Engine.Tokenization;

namespace Hearth.Server.Chat;

/// <summary>Turns a conversation into a prompt. Every API goes through here.</summary>
public static class ChatService
{
    /// <summary>Renders the messages with the model's chat template and encodes the result.</summary>
    /// <remarks>Control tokens are recognised in the template's own text only: what a message says can never become one.</remarks>
    /// <exception cref="TemplateException">The template refuses the messages.</exception>
    public static IReadOnlyList<int> Encode(LanguageModel model, IReadOnlyList<ChatMessage> messages, CancellationToken cancellationToken = default)
    {
        SpecialTokens special = model.Tokenizer.Special;
        string beginning = TextOf(model.Tokenizer, special.Bos);
        JsonObject context = new()
        {
            ["messages"] = new JsonArray([.. messages.Select(message => new JsonObject { ["role"] = message.Role, ["content"] = message.Content })]),
            ["bos_token"] = beginning,
            ["eos_token"] = TextOf(model.Tokenizer, special.Eos),
            ["add_generation_prompt"] = true,
        };
        IReadOnlyList<RenderedSegment> rendered = model.ChatTemplate.RenderSegments(context, null, cancellationToken);
        List<PromptSegment> segments = [.. rendered.Select(segment => new PromptSegment(segment.Text, segment.FromTemplate))];
        if (special.AddBos && beginning.Length > 0 && segments is [{ AllowSpecial: true } first, ..] && first.Text.StartsWith(beginning, StringComparison.Ordinal))
        {
            // The vocabulary adds the token itself; the template's would make two.
            segments[0] = first with { Text = first.Text[beginning.Length..] };
        }

        return model.Tokenizer.Encode(CollectionsMarshal.AsSpan(segments), addSpecial: true);
    }

    private static string TextOf(Tokenizer tokenizer, int? token) => token is int id ? tokenizer.TokenText(id) : string.Empty;
}
