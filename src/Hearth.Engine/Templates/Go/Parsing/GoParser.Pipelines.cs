using Hearth.Engine.Templates.Go.Ast;
using Hearth.Engine.Templates.Go.Functions;
using Hearth.Engine.Templates.Go.Values;

namespace Hearth.Engine.Templates.Go.Parsing;

/// <content>Pipelines, commands and operands.</content>
internal sealed partial class GoParser
{
    /// <summary>A pipeline, with the token that ends it.</summary>
    private GoPipeline ParsePipeline(string context, GoTokenKind end)
    {
        Enter();
        int start = PeekNonSpace().Position;
        List<string> variables = ParseVariables(context, out bool isAssignment);
        var commands = new List<GoCommand>();
        while (true)
        {
            GoToken token = PeekNonSpace();
            if (token.Kind == end)
            {
                CheckCommands(commands, context, token);
                Take();
                _depth--;
                return new GoPipeline(variables, isAssignment, commands, source[start..token.Position].Trim(), start);
            }

            commands.Add(
                token.Kind is GoTokenKind.ActionEnd or GoTokenKind.CloseParenthesis ? throw Unexpected(token, context) : ParseCommand(context));
        }
    }

    private void CheckCommands(List<GoCommand> commands, string context, GoToken end)
    {
        if (commands.Count == 0)
        {
            throw Error($"missing value for {context}", end.Position);
        }

        int stage = commands.FindIndex(1, command => !command.Operands[0].IsExecutable);
        if (stage > 0)
        {
            throw Error($"non executable command in pipeline stage {stage + 1}", commands[stage].Operands[0].Position);
        }
    }

    /// <summary><c>$x :=</c>, <c>$x =</c> and, of <c>range</c>, <c>$i, $x :=</c>.</summary>
    private List<string> ParseVariables(string context, out bool isAssignment)
    {
        var names = new List<string>();
        int start = _position;
        isAssignment = false;
        while (PeekNonSpace().Kind == GoTokenKind.Variable)
        {
            GoToken variable = Take();
            GoToken next = PeekNonSpace();
            bool isComma = next is { Kind: GoTokenKind.Character, Text: "," };
            if (!isComma && next.Kind is not (GoTokenKind.Assign or GoTokenKind.Declare))
            {
                break;
            }

            Take();
            names.Add(variable.Text);
            if (!isComma)
            {
                isAssignment = next.Kind == GoTokenKind.Assign;
                names.ForEach(isAssignment ? name => CheckVariable(name, variable.Position) : _variables.Add);
                return _variables.Count <= MaxVariables ? names : throw TooManyVariables(variable.Position);
            }

            if (context != "range" || names.Count > 1)
            {
                throw Error($"too many declarations in {context}", next.Position);
            }
        }

        if (names.Count > 0)
        {
            throw Error("range can only initialize variables", Current.Position);
        }

        _position = start;
        return names;
    }

    private TemplateException TooManyVariables(int position) =>
        GoPlace.Mark(TemplateException.Budget($"The template has more than {MaxVariables} variables in one place."), source, position);

    private void CheckVariable(string name, int position)
    {
        if (!_variables.Contains(name))
        {
            throw Error($"undefined variable \"{name}\"", position);
        }
    }

    /// <summary>Operands up to the end of the pipeline or past a <c>|</c>.</summary>
    private GoCommand ParseCommand(string context)
    {
        var operands = new List<GoOperand>();
        while (true)
        {
            PeekNonSpace();
            if (ParseOperand() is { } operand)
            {
                operands.Add(operand);
            }

            GoToken token = Current;
            switch (token.Kind)
            {
                case GoTokenKind.Space:
                    continue;
                case GoTokenKind.ActionEnd or GoTokenKind.CloseParenthesis:
                    break;
                case GoTokenKind.Pipe:
                    Take();
                    break;
                default:
                    throw Unexpected(token, operands.Count == 0 ? context : "operand");
            }

            return operands.Count > 0 ? new GoCommand(operands) : throw Error("empty command", token.Position);
        }
    }

    /// <summary>A term and the fields that follow it; null when there is none.</summary>
    private GoOperand? ParseOperand()
    {
        int start = Current.Position;
        if (ParseTerm() is not { } term)
        {
            return null;
        }

        var names = new List<string>();
        while (Current.Kind == GoTokenKind.Field)
        {
            names.Add(Take().Text[1..]);
        }

        if (names.Count == 0)
        {
            return term;
        }

        string text = source[start..Current.Position];
        return term switch
        {
            GoFieldOperand field => new GoFieldOperand([.. field.Names, .. names], text, start),
            GoVariable variable => new GoVariable(variable.Name, names, text, start),
            _ when !term.IsExecutable => throw Error($"unexpected . after term \"{term.Text}\"", start),
            _ => new GoChain(term, names, text, start),
        };
    }

    private GoOperand? ParseTerm()
    {
        GoToken token = Current;
        GoOperand? operand = token.Kind switch
        {
            GoTokenKind.Identifier => GoFunctions.Exists(token.Text)
                ? new GoFunctionCall(token.Text, token.Position)
                : throw Error($"function \"{token.Text}\" not defined", token.Position),
            GoTokenKind.Dot => new GoDot(token.Position),
            GoTokenKind.Nil => new GoNilLiteral(token.Position),
            GoTokenKind.Variable => Variable(token),
            GoTokenKind.Field => new GoFieldOperand([token.Text[1..]], token.Text, token.Position),
            GoTokenKind.Bool => Literal(GoBool.Of(token.Text == "true"), token),
            GoTokenKind.Number => Literal(
                GoLiterals.Number(token.Text) ?? throw Error($"bad number syntax: \"{token.Text}\"", token.Position), token),
            GoTokenKind.CharacterConstant => Literal(
                GoLiterals.Character(token.Text) ?? throw Error($"malformed character constant: {token.Text}", token.Position), token),
            GoTokenKind.String or GoTokenKind.RawString => Literal(GoString.FromTemplate(ReadName(token, "operand")), token),
            _ => null,
        };
        if (operand is not null)
        {
            Take();
        }
        else if (token.Kind == GoTokenKind.OpenParenthesis)
        {
            Take();
            return ParsePipeline("parenthesized pipeline", GoTokenKind.CloseParenthesis);
        }

        return operand;
    }

    private GoVariable Variable(GoToken token)
    {
        CheckVariable(token.Text, token.Position);
        return new GoVariable(token.Text, [], token.Text, token.Position);
    }

    private static GoLiteral Literal(GoValue value, GoToken token) => new(value, token.Text, token.Position);
}
