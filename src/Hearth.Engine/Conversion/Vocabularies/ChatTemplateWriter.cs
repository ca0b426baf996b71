using System.Text;
using Hearth.Engine.Gguf;

namespace Hearth.Engine.Conversion.Vocabularies;

/// <summary>
/// Writes the chat templates: that of <c>tokenizer_config.json</c>, else of <c>chat_template.jinja</c> or <c>chat_template.json</c>.
/// </summary>
internal static class ChatTemplateWriter
{
    private const long MaxBytes = 4 << 20;
    private const string Key = "tokenizer.chat_template";

    /// <summary>Writes them; nothing when there are none.</summary>
    public static void Write(TokenizerFolder source, GgufWriter writer)
    {
        if (source.TokenizerConfig?.Find("chat_template") is ConfigNode template)
        {
            Write(template, writer);
        }
        else if (source.Find("chat_template.jinja") is string path)
        {
            writer.Set(Key, Text(path));
        }
        else if (source.Find("chat_template.json") is string json
            && ConfigNode.Load(json, MaxBytes).Find("chat_template") is ConfigNode inJson)
        {
            Write(inJson, writer);
        }
    }

    private static void Write(ConfigNode template, GgufWriter writer)
    {
        if (!template.IsArray)
        {
            writer.Set(Key, template.AsText());
            return;
        }

        List<string> names = [];
        foreach (ConfigNode choice in template.Items())
        {
            string name = Clean(choice.Find("name")?.AsText() ?? string.Empty);
            if (name.Length > 0 && choice.Find("template")?.AsText() is string text)
            {
                writer.Set(name == "default" ? Key : $"{Key}.{name}", text);
                if (name != "default" && !names.Contains(name))
                {
                    names.Add(name);
                }
            }
        }

        if (names.Count > 0)
        {
            writer.Set("tokenizer.chat_templates", names.ToArray());
        }
    }

    // Names become part of a key.
    private static string Clean(string name) =>
        string.Concat(name.Take(64).Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_'));

    private static string Text(string path)
    {
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(
                BoundedFile.Read(path, MaxBytes));
        }
        catch (DecoderFallbackException exception)
        {
            throw ConversionException.InvalidFile(path, "it is not UTF-8.", exception);
        }
    }
}
