namespace Hearth.Engine.Templates;

/// <summary>Templates for models that bring none.</summary>
public static class BuiltInTemplates
{
    /// <summary>ChatML: <c>&lt;|im_start|&gt;role ... &lt;|im_end|&gt;</c>.</summary>
    public const string ChatMl =
        """
        {%- for message in messages %}
        {{- '<|im_start|>' + message.role + '\n' }}
        {%- if message.content is string %}
        {{- message.content }}
        {%- elif message.content %}
        {%- for part in message.content %}
        {{- part.text if part.text is defined else '' }}
        {%- endfor %}
        {%- endif %}
        {{- '<|im_end|>\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}
        {{- '<|im_start|>assistant\n' }}
        {%- endif %}
        """;
}
