using Hearth.Engine.Templates.Runtime;

namespace Hearth.Engine.Templates.Values;

/// <summary>HTML escaping, for the templates that ask for it.</summary>
internal static class Markup
{
    /// <summary>The escaped text, marked as safe; a text that is marked already stays.</summary>
    public static StringValue Escape(RenderState state, StringValue value)
    {
        if (value.IsMarkup)
        {
            return value;
        }

        if (value.Text.AsSpan().IndexOfAny("&<>'\"") < 0)
        {
            return value.AsMarkup();
        }

        var builder = new TextBuilder(state.Budget);
        int start = 0;
        for (int i = 0; i < value.Text.Length; i++)
        {
            string? entity = value.Text[i] switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '\'' => "&#39;",
                '"' => "&#34;",
                _ => null,
            };
            if (entity is not null)
            {
                builder.Append(value.Substring(start, i - start)).Append(value.Substring(i, 1).WithText(entity));
                start = i + 1;
            }
        }

        return builder.Append(value.Substring(start, value.Text.Length - start)).ToValue().AsMarkup();
    }
}
