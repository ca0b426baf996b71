using System.Text.RegularExpressions;
using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Grammar.Regex;
using Hearth.Engine.Grammar.Text;

namespace Hearth.Engine.Output.Replies.Syntaxes;

/// <summary>Kimi K2: a section of calls, each <c>functions.name:0</c> and its arguments between marks.</summary>
internal sealed partial class KimiSyntax : ToolSyntax
{
    private const string CallBegin = "<|tool_call_begin|>";
    private const string ArgumentBegin = "<|tool_call_argument_begin|>";
    private const string CallEnd = "<|tool_call_end|>";
    private const string SectionEnd = "<|tool_calls_section_end|>";

    internal override IReadOnlyList<string> Openers { get; } = ["<|tool_calls_section_begin|>"];

    internal override IReadOnlyList<string> Marks { get; } = [CallBegin, ArgumentBegin, CallEnd, SectionEnd];

    internal override Expression Write(CallGrammar grammar, string trigger) => Expression.Sequence(
        grammar.Several(
            grammar.Each(tool => Expression.Sequence(
                grammar.Mark(CallBegin),
                Expression.Literal($"functions.{tool.Name}:"),
                RegexCompiler.Match("[0-9]{1,2}", CharacterForm.Plain),
                grammar.Mark(ArgumentBegin),
                tool.Json(),
                grammar.Mark(CallEnd))),
            Expression.Empty),
        grammar.Mark(SectionEnd));

    internal override IEnumerable<Step> Read(CallReader reader, string opener)
    {
        foreach (Step step in reader.Expect(CallBegin))
        {
            yield return step;
        }

        do
        {
            foreach (Step step in reader.Name(ArgumentBegin))
            {
                yield return step;
            }

            string id = reader.Text;
            Match parts = Id().Match(id);
            foreach (Step step in reader.Arguments(parts.Success ? parts.Groups[1].Value : id, id).Concat(reader.Accept(CallEnd)).Concat(reader.Accept(CallBegin)))
            {
                yield return step;
            }
        }
        while (reader.Accepted);

        foreach (Step step in reader.Accept(SectionEnd))
        {
            yield return step;
        }
    }

    [GeneratedRegex(@"^(?:functions\.)?(.+?)(?::[0-9]+)?$")]
    private static partial Regex Id();
}
