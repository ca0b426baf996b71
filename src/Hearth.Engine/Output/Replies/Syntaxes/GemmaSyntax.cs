using System.Text;
using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Grammar.Schemas;
using Hearth.Engine.Grammar.Text;

namespace Hearth.Engine.Output.Replies.Syntaxes;

/// <summary>Gemma 4: <c>&lt;|tool_call&gt;call:name{key:&lt;|"|&gt;text&lt;|"|&gt;,other:1}&lt;tool_call|&gt;</c>.</summary>
internal sealed class GemmaSyntax : ToolSyntax
{
    private const string End = "<tool_call|>";
    private const string Quote = "<|\"|>";
    private const int MaxDepth = 60;

    internal override IReadOnlyList<string> Openers { get; } = ["<|tool_call>"];

    internal override IReadOnlyList<string> Marks { get; } = [End, Quote];

    internal override Expression Write(CallGrammar grammar, string trigger)
    {
        ValueNotation notation = new() { Characters = CharacterForm.Plain, Quote = grammar.Mark(Quote), HasBareNames = true, Styles = 1, Excluded = [Quote, End] };
        return grammar.Each(tool => Expression.Sequence(
            Expression.Literal($"call:{tool.Name}"),
            tool.Compile(notation, compiler => Expression.Call(compiler.Compile(compiler.Expand(), JsonTypes.Object))),
            grammar.Mark(End)));
    }

    internal override IEnumerable<Step> Read(CallReader reader, string opener)
    {
        foreach (Step step in reader.Expect("call:").Concat(reader.NameBefore("{")))
        {
            yield return step;
        }

        string name = reader.Text;
        foreach (Step step in reader.Until(End))
        {
            yield return step;
        }

        StringBuilder json = new();
        int position = 0;
        string text = reader.Text.Trim();
        if (!Value(text, ref position, json, 0) || position != text.Length || !JsonCalls.IsObject(json.ToString()) || !reader.Add(name, json.ToString()))
        {
            yield return Step.Broken;
        }
    }

    private static bool Value(string text, ref int position, StringBuilder json, int depth)
    {
        if (depth > MaxDepth || position >= text.Length)
        {
            return false;
        }

        if (text.AsSpan(position).StartsWith(Quote))
        {
            int end = text.IndexOf(Quote, position + Quote.Length, StringComparison.Ordinal);
            if (end < 0)
            {
                return false;
            }

            json.Append(TaggedArguments.Quote(text[(position + Quote.Length)..end]));
            position = end + Quote.Length;
            return true;
        }

        if (text[position] is '{' or '[')
        {
            return Members(text, ref position, json, depth);
        }

        int start = position;
        while (position < text.Length && text[position] is not (',' or '}' or ']'))
        {
            position++;
        }

        json.Append(text.AsSpan(start, position - start).Trim());
        return true;
    }

    private static bool Members(string text, ref int position, StringBuilder json, int depth)
    {
        bool isObject = text[position] == '{';
        char end = isObject ? '}' : ']';
        json.Append(text[position++]);
        bool isFirst = true;
        while (position < text.Length && text[position] != end)
        {
            if (!isFirst && text[position++] != ',')
            {
                return false;
            }

            json.Append(isFirst ? string.Empty : ", ");
            isFirst = false;
            if (isObject && !Key(text, ref position, json))
            {
                return false;
            }

            if (!Value(text, ref position, json, depth + 1))
            {
                return false;
            }
        }

        json.Append(end);
        return position++ < text.Length;
    }

    private static bool Key(string text, ref int position, StringBuilder json)
    {
        int colon = text.IndexOf(':', position);
        if (colon < 0)
        {
            return false;
        }

        json.Append(TaggedArguments.Quote(text[position..colon].Replace(Quote, string.Empty, StringComparison.Ordinal).Trim())).Append(": ");
        position = colon + 1;
        return true;
    }
}
