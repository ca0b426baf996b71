using System.Text.Json;

namespace Hearth.Server.Ui.Pages;

/// <summary>Programs that ask a model, ready to be copied.</summary>
internal static class ApiSnippet
{
    /// <summary>The languages that there are.</summary>
    public static IReadOnlyList<string> Languages { get; } = ["bash", "csharp", "python", "js"];

    /// <summary>What people call a language.</summary>
    public static string NameOf(string language) => language switch
    {
        "csharp" => "C#",
        "python" => "Python",
        "js" => "JavaScript",
        _ => "curl",
    };

    /// <summary>Writes one.</summary>
    /// <param name="language">The language.</param>
    /// <param name="origin">The address of the server.</param>
    /// <param name="model">The model to ask.</param>
    /// <param name="wantsKey">Whether a key has to be sent.</param>
    public static string Write(string language, string origin, string model, bool wantsKey)
    {
        string name = JsonSerializer.Serialize(model, Chat.ChatJson.Default.String);
        string key = wantsKey ? "KEY" : "any";
        return language switch
        {
            "csharp" => $$"""
                // dotnet add package OpenAI
                using System.ClientModel;
                using OpenAI;
                using OpenAI.Chat;

                OpenAIClient client = new(new ApiKeyCredential("{{key}}"), new OpenAIClientOptions { Endpoint = new Uri("{{origin}}/v1") });
                ChatClient chat = client.GetChatClient({{name}});
                await foreach (StreamingChatCompletionUpdate update in chat.CompleteChatStreamingAsync("Why is the sky blue?"))
                {
                    Console.Write(string.Concat(update.ContentUpdate.Select(part => part.Text)));
                }
                """,
            "python" => $$"""
                # pip install openai
                from openai import OpenAI

                client = OpenAI(base_url="{{origin}}/v1", api_key="{{key}}")
                for chunk in client.chat.completions.create(
                    model={{name}},
                    messages=[{"role": "user", "content": "Why is the sky blue?"}],
                    stream=True,
                ):
                    print(chunk.choices[0].delta.content or "", end="", flush=True)
                """,
            "js" => $$"""
                // npm install openai
                import OpenAI from "openai";

                const client = new OpenAI({ baseURL: "{{origin}}/v1", apiKey: "{{key}}" });
                const stream = await client.chat.completions.create({
                  model: {{name}},
                  messages: [{ role: "user", content: "Why is the sky blue?" }],
                  stream: true,
                });
                for await (const chunk of stream) {
                  process.stdout.write(chunk.choices[0]?.delta?.content ?? "");
                }
                """,
            _ => $$"""
                curl -N {{origin}}/v1/chat/completions \
                  -H 'Content-Type: application/json' \{{(wantsKey ? "\n  -H 'Authorization: Bearer KEY' \\" : string.Empty)}}
                  -d '{
                    "model": {{name.Replace("'", "'\\''", StringComparison.Ordinal)}},
                    "messages": [{"role": "user", "content": "Why is the sky blue?"}],
                    "stream": true
                  }'
                """,
        };
    }
}
