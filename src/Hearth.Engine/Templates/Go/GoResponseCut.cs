using Hearth.Engine.Templates.Go.Ast;

namespace Hearth.Engine.Templates.Go;

/// <summary>Cuts a template after <c>.Response</c>, where the model is to continue.</summary>
internal sealed class GoResponseCut
{
    private bool _isCut;

    private GoResponseCut()
    {
    }

    public static GoBlock Apply(GoBlock template) => new GoResponseCut().Cut(template);

    private GoBlock Cut(GoBlock block)
    {
        var nodes = new List<GoNode>();
        foreach (GoNode node in block.Nodes)
        {
            if (!_isCut && Cut(node) is { } kept)
            {
                nodes.Add(kept);
            }
        }

        return new GoBlock(nodes);
    }

    private GoNode? Cut(GoNode node) => node switch
    {
        GoActionNode action => Cut(action.Pipeline) is { } pipeline ? new GoActionNode(pipeline, node.Position) : null,

        // Conditions are not where the answer stands.
        GoBranchNode branch => branch.With(Cut(branch.Body), branch.Otherwise is { } otherwise ? Cut(otherwise) : null),
        _ => node,
    };

    /// <summary>The pipeline up to <c>.Response</c>; null when the cut leaves a command of it nothing.</summary>
    private GoPipeline? Cut(GoPipeline pipeline)
    {
        var commands = new List<GoCommand>();
        foreach (GoCommand command in pipeline.Commands)
        {
            var operands = new List<GoOperand>();
            foreach (GoOperand operand in command.Operands)
            {
                if (!_isCut && Cut(operand) is { } kept)
                {
                    operands.Add(kept);
                }
            }

            if (operands.Count == 0)
            {
                return null;
            }

            commands.Add(new GoCommand(operands));
        }

        return pipeline.With(commands);
    }

    private GoOperand? Cut(GoOperand operand)
    {
        if (operand is GoPipeline pipeline)
        {
            return Cut(pipeline);
        }

        _isCut |= operand is GoFieldOperand field && field.Names.Contains("Response");
        return operand;
    }
}
