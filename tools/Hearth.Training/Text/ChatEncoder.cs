using Hearth.Training.Vocabulary;

namespace Hearth.Training.Text;

/// <summary>ChatML: <c>&lt;|im_start|&gt;role\ncontent&lt;|im_end|&gt;\n</c> for each message.</summary>
internal sealed class ChatEncoder(BpeVocabulary vocabulary)
{
    /// <summary>The Jinja template that the model file carries; it gives the same tokens.</summary>
    public const string Template =
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    /// <summary>The tokens of a dialogue, and which of them are learned: the assistant's words and the end of its message.</summary>
    public (int[] Tokens, bool[] Learned) Encode(IReadOnlyList<Message> messages)
    {
        List<int> tokens = [];
        List<bool> learned = [];
        foreach (Message message in messages)
        {
            bool assistant = message.Role == "assistant";
            Append(tokens, learned, [BpeVocabulary.MessageStart, .. vocabulary.Encode(message.Role + "\n")], false);
            Append(tokens, learned, [.. vocabulary.Encode(message.Content), BpeVocabulary.MessageEnd], assistant);
            Append(tokens, learned, vocabulary.Encode("\n"), false);
        }

        return ([.. tokens], [.. learned]);
    }

    /// <summary>The tokens of a prompt that asks for the assistant's next message.</summary>
    public int[] EncodePrompt(IReadOnlyList<Message> messages) =>
        [.. Encode(messages).Tokens, BpeVocabulary.MessageStart, .. vocabulary.Encode("assistant\n")];

    private static void Append(List<int> tokens, List<bool> learned, List<int> more, bool learn)
    {
        tokens.AddRange(more);
        learned.AddRange(Enumerable.Repeat(learn, more.Count));
    }
}
