using System.Text;
using Hearth.Engine.Grammar;
using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Grammar.Text;

namespace Hearth.Engine.Output.Replies;

/// <summary>Writes tool calls as grammars: what a <see cref="ToolSyntax"/> is written with when a reply is held to it.</summary>
internal sealed class CallGrammar
{
    private const int MaxIndent = 16;
    private const int MaxSpaces = 4;
    private static readonly Expression s_controls = Expression.Repeat(ControlTokens.Any, 0, null);
    private readonly ProductBudget _budget = new();
    private readonly Func<string, MarkKind> _kindOf;
    private readonly string[] _controls;
    private readonly CallTool[] _tools;

    /// <param name="builder">What gets the rules.</param>
    /// <param name="tools">The tools that may be called.</param>
    /// <param name="isSingle">Whether there is one call at most.</param>
    /// <param name="marks">The format's marks.</param>
    /// <param name="kindOf">What each is.</param>
    internal CallGrammar(AutomatonBuilder builder, IEnumerable<ReplyTool> tools, bool isSingle, IEnumerable<string> marks, Func<string, MarkKind> kindOf)
    {
        Builder = builder;
        IsSingle = isSingle;
        _kindOf = kindOf;
        _controls = [.. marks.Distinct().Where(mark => kindOf(mark) == MarkKind.Control).OrderByDescending(mark => mark.Length)];
        _tools = [.. tools.Where(tool => IsWritable(tool.Name)).Select(tool => new CallTool(tool, this))];
        Space = Rule("space", Expression.Repeat(Expression.Choice(Expression.Literal(" "), Expression.Literal("\n")), 0, MaxSpaces));
        Gap = Rule("gap", Expression.Choice(
            Expression.Empty,
            Expression.Literal(" "),
            Expression.Sequence(Expression.Literal("\n"), Expression.Repeat(Expression.Choice(Expression.Literal(" "), Expression.Literal("\t")), 0, MaxIndent))));
        OneSpace = Expression.Optional(Expression.Literal(" "));
    }

    internal AutomatonBuilder Builder { get; }

    /// <summary>Whether there is one call at most.</summary>
    internal bool IsSingle { get; }

    /// <summary>Whether arguments of one of the tools must satisfy its schema.</summary>
    internal bool IsStrict => _tools.Any(tool => tool.Tool.IsStrict);

    /// <summary>A few spaces and line ends, or none.</summary>
    internal Expression Space { get; }

    /// <summary>White space as JSON has it between its parts.</summary>
    internal Expression Gap { get; }

    /// <summary>A space or none.</summary>
    internal Expression OneSpace { get; }

    /// <summary>What reads as white space, any number of it.</summary>
    internal static Expression WhiteSpace { get; } = Expression.Repeat(
        new CharactersExpression(CharacterSet.Of(Enumerable.Range(0, char.MaxValue).Where(value => char.IsWhiteSpace((char)value)).Select(value => (value, value))), CharacterForm.Plain), 0, null);

    /// <summary>Any bytes.</summary>
    internal static Expression AnyBytes { get; } = Expression.Repeat(Expression.Bytes(byte.MinValue, byte.MaxValue), 0, null);

    private static Expression AnyText { get; } = Expression.Repeat(Expression.Choice(ControlTokens.TextByte, ControlTokens.Any), 0, null);

    /// <summary>Whether a tool of this name was offered and may be called.</summary>
    internal bool HasTool(string name) => _tools.Any(tool => tool.Name == name);

    /// <summary>Adds a rule.</summary>
    internal Expression Rule(string name, Expression body) => Expression.Call(Builder.AddRule(name, body));

    /// <summary>A mark, or a text with marks in it. A mark that ends the reply is left out: it follows where nothing else may.</summary>
    internal Expression Mark(string text)
    {
        if (_kindOf(text) == MarkKind.End)
        {
            return Expression.Empty;
        }

        List<Expression> parts = [];
        int start = 0;
        for (int at = 0; at < text.Length;)
        {
            string? control = Array.Find(_controls, mark => string.CompareOrdinal(text, at, mark, 0, mark.Length) == 0);
            if (control is null)
            {
                at++;
                continue;
            }

            parts.Add(Expression.Literal(text[start..at]));
            parts.Add(ControlTokens.Of(control));
            at += control.Length;
            start = at;
        }

        parts.Add(Expression.Literal(text[start..]));
        return Expression.Sequence([.. parts]);
    }

    /// <summary>Whether a mark ends the reply.</summary>
    internal bool IsEnd(string mark) => _kindOf(mark) == MarkKind.End;

    /// <summary>Text until the first of some marks, which is one of them, and that mark.</summary>
    /// <param name="mark">The mark that is the first.</param>
    /// <param name="marks">The marks.</param>
    /// <param name="none">What the whole must not be.</param>
    internal Expression Until(string mark, IEnumerable<string> marks, params Expression[] none) => Product(
        Expression.Sequence(AnyText, Mark(mark)),
        [Expression.Sequence(AnyText, AnyOf(marks), Expression.Bytes(byte.MinValue, byte.MaxValue), AnyBytes), .. none]);

    /// <summary>Text without marks.</summary>
    /// <param name="marks">The marks.</param>
    /// <param name="none">What the whole must not be.</param>
    internal Expression Without(IEnumerable<string> marks, params Expression[] none) => Product(AnyText, [Expression.Sequence(AnyText, AnyOf(marks), AnyBytes), .. none]);

    /// <summary>A call of one of the tools.</summary>
    /// <param name="write">Writes a call of a tool.</param>
    /// <exception cref="ToolSchemaException">The arguments of a strict tool cannot be written.</exception>
    internal Expression Each(Func<CallTool, Expression> write) =>
        Expression.Choice([.. _tools.Select(tool => tool.Try(attempt => Rule($"call of {tool.Name}", write(attempt))))]);

    /// <summary>One or more, or one where there may be only one.</summary>
    /// <param name="one">One.</param>
    /// <param name="between">What is between two.</param>
    internal Expression Several(Expression one, Expression between) =>
        IsSingle ? one : Expression.Sequence(one, Expression.Repeat(Expression.Sequence(between, one), 0, null));

    /// <summary>Free text with calls in it.</summary>
    /// <param name="triggers">The marks that calls begin with.</param>
    /// <param name="write">What follows a mark.</param>
    /// <param name="notFirst">What the text up to the first mark must not be.</param>
    internal Expression Free(IReadOnlyList<string> triggers, Func<string, Expression> write, params Expression[] notFirst)
    {
        Expression[] calls = [.. triggers.Select(trigger => Rule("calls", write(trigger)))];
        Expression Begun(params Expression[] none) => Expression.Choice([.. triggers.Select((trigger, index) => Expression.Sequence(Until(trigger, triggers, none), calls[index]))]);
        Expression rest = IsSingle ? Expression.Empty : Expression.Sequence(Expression.Repeat(Begun(), 0, null), Without(triggers));
        return Expression.Choice(Without(triggers, notFirst), Expression.Sequence(Begun(notFirst), rest));
    }

    private ProductExpression Product(Expression all, Expression[] none) => new([all], none, _budget);

    // As it is, and as text would look the same: who reads the reply does not see the difference.
    private Expression AnyOf(IEnumerable<string> marks) => Expression.Choice([.. marks.SelectMany(mark => IsEnd(mark) ? [Scattered(mark)] : new[] { Scattered(mark), Mark(mark) })]);

    // Control tokens within it are not shown to who reads the reply.
    private static Expression Scattered(string mark) => Expression.Sequence(
        [.. Encoding.UTF8.GetBytes(mark).SelectMany((value, index) => index == 0 ? [Expression.Bytes(value, value)] : new[] { s_controls, Expression.Bytes(value, value) })]);

    // Others are not read as names in every format.
    private static bool IsWritable(string name) => CallReader.IsName(name) && name.All(character => char.IsLetterOrDigit(character) || "_.-:/@$+#".Contains(character, StringComparison.Ordinal));
}
