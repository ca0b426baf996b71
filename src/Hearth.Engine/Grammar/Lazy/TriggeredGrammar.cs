using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Grammar.Machine;
using Hearth.Engine.Grammar.Regex;
using Hearth.Engine.Grammar.Text;

namespace Hearth.Engine.Grammar.Lazy;

/// <summary>
/// Free text until a trigger, and the text of a grammar from the trigger's first character on. The grammar is begun at every character, and the free
/// text ends with the first trigger: so what is left is what began where the trigger begins, since every text of the grammar begins with one.
/// </summary>
internal sealed class TriggeredGrammar
{
    private const int MaxPlaces = 20_000;
    private readonly GenerationConstraint _grammar;
    private readonly IReadOnlyList<ConstraintTrigger> _triggers;

    /// <param name="grammar">The grammar.</param>
    /// <param name="triggers">The triggers.</param>
    /// <exception cref="GrammarException">A text of the grammar does not begin with a trigger, or none with one of them.</exception>
    public TriggeredGrammar(GenerationConstraint grammar, IReadOnlyList<ConstraintTrigger> triggers)
    {
        _grammar = grammar;
        _triggers = triggers;
        (_, bool hasOthers) = Follow(Any());
        if (hasOthers)
        {
            throw GrammarException.WithoutTrigger();
        }

        foreach (ConstraintTrigger trigger in triggers)
        {
            if (!Follow(ToExpression(trigger)).Found)
            {
                throw GrammarException.UselessTrigger(trigger.Text);
            }
        }
    }

    /// <summary>Adds the rule.</summary>
    public int Define(AutomatonBuilder builder)
    {
        Expression text = Expression.Repeat(Expression.Choice(ControlTokens.TextByte, ControlTokens.Any), 0, null);
        Expression bytes = Expression.Repeat(Expression.Bytes(byte.MinValue, byte.MaxValue), 0, null);
        ProductExpression free = new([text], [Expression.Sequence(text, Any(), bytes)], new ProductBudget());
        return builder.AddRule("lazy", Expression.Sequence(free, Expression.Optional(_grammar.Within(builder))));
    }

    private static Expression ToExpression(ConstraintTrigger trigger) =>
        trigger.IsPattern ? RegexCompiler.Match(trigger.Text, CharacterForm.Plain) : Expression.Literal(trigger.Text);

    private Expression Any() => Expression.Choice([.. _triggers.Select(ToExpression)]);

    // Walks through the grammar and the triggers together: whether a text of the grammar begins with one, and whether one does not.
    private (bool Found, bool HasOthers) Follow(Expression beginning)
    {
        RegularAutomaton automaton = new(beginning);
        ConfigurationTable table = new(_grammar.Automaton);
        table.BeginWork(GrammarLimits.MaskWork);
        HashSet<(Configuration, string)> seen = [];
        Queue<(Configuration Place, int[] States)> open = new([(table.Initial, automaton.Closure([automaton.Start]))]);
        bool found = false;
        bool hasOthers = false;
        while (open.TryDequeue(out (Configuration Place, int[] States) next))
        {
            if (automaton.AnyAccepting(next.States))
            {
                found = true;
                continue;
            }

            hasOthers |= next.Place.IsAccepting;
            for (int value = 0; value <= byte.MaxValue; value++)
            {
                Configuration place = table.Next(next.Place, (byte)value);
                if (place.IsDead)
                {
                    continue;
                }

                int[] states = automaton.Closure(next.States.SelectMany(automaton.Readers)
                    .Where(reader => reader.Low <= value && value <= reader.High).Select(reader => reader.Target));
                if (states.Length == 0)
                {
                    hasOthers = true;
                }
                else if (seen.Add((place, string.Join(',', states))))
                {
                    open.Enqueue((place, states));
                }
            }

            if (seen.Count > MaxPlaces)
            {
                throw GrammarException.TooComplex("triggers that are long or ambiguous", "a few words");
            }
        }

        return (found, hasOthers);
    }
}
