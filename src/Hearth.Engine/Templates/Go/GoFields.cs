using Hearth.Engine.Templates.Go.Ast;

namespace Hearth.Engine.Templates.Go;

/// <summary>What the text of a template tells of it before it is rendered.</summary>
internal static class GoFields
{
    /// <summary>The fields and variables that a template names, in lower case; those of <c>(pipeline).Name</c> are not looked into.</summary>
    public static IReadOnlySet<string> Of(IEnumerable<GoBlock> templates)
    {
        var names = new HashSet<string>();
        foreach (GoBlock template in templates)
        {
            AddBlock(template, names);
        }

        return names;
    }

    /// <summary>
    /// The texts before and after <c>.Thinking</c> in a message, between which the model thinks; null when the template shows none. They are
    /// the first and the last text of the statements around it.
    /// </summary>
    public static (string Start, string End)? ThinkingTags(GoBlock template)
    {
        (string Start, string End)? tags = null;
        FindThinking(template, isInMessages: false, ref tags);
        return tags is { Start.Length: > 0, End.Length: > 0 } ? tags : null;
    }

    private static void AddBlock(GoBlock block, HashSet<string> names)
    {
        foreach (GoNode node in block.Nodes)
        {
            switch (node)
            {
                case GoActionNode action:
                    AddPipeline(action.Pipeline, names);
                    break;
                case GoTemplateNode call:
                    AddPipeline(
                        call.Pipeline ?? throw new TemplateException(
                            TemplateErrorKind.Syntax, "undefined template specified: a template gets a value in Ollama"),
                        names);
                    break;
                case GoBranchNode branch:
                    AddPipeline(branch.Pipeline, names);
                    AddBlock(branch.Body, names);
                    if (branch.Otherwise is not null)
                    {
                        AddBlock(branch.Otherwise, names);
                    }

                    break;
            }
        }
    }

    private static void AddPipeline(GoPipeline pipeline, HashSet<string> names)
    {
        foreach (GoOperand operand in pipeline.Commands.SelectMany(command => command.Operands))
        {
            switch (operand)
            {
                case GoFieldOperand field:
                    names.UnionWith(field.Names.Select(name => name.ToLowerInvariant()));
                    break;
                case GoVariable variable:
                    names.UnionWith(variable.Names.Prepend(variable.Name).Select(name => name.ToLowerInvariant()));
                    break;
                case GoPipeline inner:
                    AddPipeline(inner, names);
                    break;
            }
        }
    }

    private static void FindThinking(GoBlock block, bool isInMessages, ref (string Start, string End)? tags)
    {
        foreach (GoNode node in block.Nodes)
        {
            GoPipeline? pipeline = node switch
            {
                GoActionNode action => action.Pipeline,
                GoTemplateNode call => call.Pipeline,
                GoBranchNode branch => branch.Pipeline,
                _ => null,
            };

            // The pipeline of a range over messages counts as inside of it.
            bool isRange = node is GoRangeNode;
            bool isInside = isRange ? Names(pipeline!, "Messages") : isInMessages;
            if (pipeline is not null && isInside && Names(pipeline, "Thinking"))
            {
                tags = (TextOf(block.Nodes[0]) ?? tags?.Start ?? string.Empty, TextOf(block.Nodes[^1]) ?? tags?.End ?? string.Empty);
            }

            if (node is GoBranchNode { Body: var body, Otherwise: var otherwise })
            {
                FindThinking(body, isInside, ref tags);
                if (otherwise is not null)
                {
                    FindThinking(otherwise, isInside, ref tags);
                }
            }
        }
    }

    private static string? TextOf(GoNode node) => (node as GoTextNode)?.Text.Trim();

    private static bool Names(GoPipeline pipeline, string field) => pipeline.Commands.SelectMany(command => command.Operands).Any(operand =>
        operand is GoFieldOperand { Names: [var first, ..] } && first == field || operand is GoPipeline inner && Names(inner, field));
}
