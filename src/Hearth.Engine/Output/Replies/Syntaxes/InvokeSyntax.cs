using System.Text.RegularExpressions;
using Hearth.Engine.Grammar.Automata;

namespace Hearth.Engine.Output.Replies.Syntaxes;

/// <summary>
/// MiniMax M2 and DeepSeek V3.2: a section of <c>&lt;invoke name="f"&gt;&lt;parameter name="key"&gt;value&lt;/parameter&gt;&lt;/invoke&gt;</c>; DeepSeek's
/// parameters say whether they are texts with <c>string="true"</c>.
/// </summary>
/// <param name="begin">The section's opening mark.</param>
/// <param name="end">The section's closing mark.</param>
/// <param name="prefix">What the names of the tags within begin with.</param>
internal sealed partial class InvokeSyntax(string begin, string end, string prefix = "") : ToolSyntax
{
    private readonly string _invokeBegin = $"<{prefix}invoke name=\"";
    private readonly string _invokeEnd = $"</{prefix}invoke>";
    private readonly string _parameterBegin = $"<{prefix}parameter ";
    private readonly string _parameterEnd = $"</{prefix}parameter>";

    internal override IReadOnlyList<string> Openers => [begin];

    internal override IReadOnlyList<string> Marks => prefix.Length > 0 ? [end, prefix] : [end];

    internal override Expression Write(CallGrammar grammar, string trigger)
    {
        bool saysType = prefix.Length > 0;
        TaggedCallForm form = new(_parameterEnd, (key, value, isText) => Expression.Sequence(
            grammar.Mark(_parameterBegin),
            Expression.Literal("name=\""),
            key,
            Expression.Literal(!saysType ? "\">" : isText ? "\" string=\"true\">" : "\" string=\"false\">"),
            value,
            grammar.Mark(_parameterEnd)))
        {
            SaysType = saysType,
        };
        Expression call = grammar.Each(tool => Expression.Sequence(
            grammar.Mark(_invokeBegin), Expression.Literal($"{tool.Name}\">"), grammar.Gap, form.Write(grammar, tool, grammar.Gap), grammar.Gap, grammar.Mark(_invokeEnd)));
        return Expression.Sequence(grammar.Gap, grammar.Several(call, grammar.Gap), grammar.Gap, grammar.Mark(end));
    }

    internal override IEnumerable<Step> Read(CallReader reader, string opener)
    {
        foreach (Step step in reader.Expect(_invokeBegin))
        {
            yield return step;
        }

        do
        {
            foreach (Step step in Invoke(reader).Concat(reader.Accept(_invokeBegin)))
            {
                yield return step;
            }
        }
        while (reader.Accepted);

        foreach (Step step in reader.Accept(end))
        {
            yield return step;
        }
    }

    private IEnumerable<Step> Invoke(CallReader reader)
    {
        foreach (Step step in reader.Name("\">").Concat(reader.Accept(_parameterBegin)))
        {
            yield return step;
        }

        string name = reader.Text;
        TaggedArguments arguments = new(reader, name);
        while (reader.Accepted)
        {
            foreach (Step step in reader.Until(">", CallReader.MaxName))
            {
                yield return step;
            }

            Match attributes = Attributes().Match(reader.Text);
            if (!attributes.Success)
            {
                yield return Step.Broken;
            }

            foreach (Step step in reader.Until(_parameterEnd))
            {
                yield return step;
            }

            bool? isText = attributes.Groups[2].Success ? attributes.Groups[2].Value == "true" : null;
            arguments.Add(attributes.Groups[1].Value, reader.Text, isText);
            foreach (Step step in reader.Accept(_parameterBegin))
            {
                yield return step;
            }
        }

        foreach (Step step in reader.Accept(_invokeEnd))
        {
            yield return step;
        }

        if ((!reader.Accepted && arguments.Count == 0) || !reader.Add(name, arguments.ToJson()))
        {
            yield return Step.Broken;
        }
    }

    [GeneratedRegex("""^\s*name="([^"]+)"(?:\s+string="(true|false)")?\s*$""")]
    private static partial Regex Attributes();
}
