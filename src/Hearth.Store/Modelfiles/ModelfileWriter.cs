using System.Text;

namespace Hearth.Store.Modelfiles;

/// <summary>Writes Modelfiles.</summary>
internal static class ModelfileWriter
{
    public static string Write(Modelfile file)
    {
        StringBuilder text = new();
        void Append(string instruction, string? value)
        {
            if (value is not null)
            {
                text.Append(instruction).Append(' ').Append(Quote(value)).Append('\n');
            }
        }

        void AppendAll(string instruction, IEnumerable<string> values)
        {
            foreach (string value in values)
            {
                Append(instruction, value);
            }
        }

        AppendAll("FROM", file.From);
        AppendAll("ADAPTER", file.Adapters);
        Append("DRAFT", file.Draft);
        Append("TEMPLATE", file.Template?.Text);
        Append("SYSTEM", file.System);
        Append("RENDERER", file.Renderer);
        Append("PARSER", file.Parser);
        foreach ((string name, string value) in file.Parameters)
        {
            Append($"PARAMETER {name}", value);
        }

        AppendAll("LICENSE", file.Licenses);
        Append("REQUIRES", file.Requires);
        foreach ((string role, string content) in file.Messages)
        {
            Append($"MESSAGE {role}", content);
        }

        return text.ToString();
    }

    // A value that is trimmed, ends at a line end or begins with a quote has to be quoted, and with the long quotes where it has quotes itself.
    private static string Quote(string value) =>
        value.Length > 0 && value.Trim().Length == value.Length && value[0] != '"' && !value.AsSpan().ContainsAny('\n', '\r') ? value
        : value.Contains('"') ? $"\"\"\"{value}\"\"\""
        : $"\"{value}\"";
}
