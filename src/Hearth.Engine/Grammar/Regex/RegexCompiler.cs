using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Grammar.Text;

namespace Hearth.Engine.Grammar.Regex;

/// <summary>Turns regular expressions into expressions over bytes.</summary>
internal static class RegexCompiler
{
    private const int MaxAnchors = 64;

    private enum Place
    {
        Start,
        Middle,
        End,
    }

    /// <summary>The texts in which an expression is found anywhere, as a schema's <c>pattern</c> has it.</summary>
    /// <param name="pattern">The expression.</param>
    /// <param name="form">How characters are written.</param>
    /// <exception cref="GrammarException">The expression is broken, or uses what is not supported.</exception>
    public static Expression Search(string pattern, CharacterForm form)
    {
        RegexNode any = new RegexNode.Repeat(new RegexNode.Characters(CharacterSet.All), 0, null);
        return Compile(pattern, new RegexNode.Sequence([any, Parse(pattern), any]), form);
    }

    /// <summary>The texts that an expression matches as a whole.</summary>
    /// <inheritdoc cref="Search"/>
    public static Expression Match(string pattern, CharacterForm form) => Compile(pattern, Parse(pattern), form);

    private static RegexNode Parse(string pattern)
    {
        RegexParser parser = new(pattern);
        RegexNode node = parser.Parse();
        return parser.Anchors <= MaxAnchors
            ? node
            : throw GrammarException.UnsupportedExpression(pattern, $"more than {MaxAnchors} anchors", 0);
    }

    private static Expression Compile(string pattern, RegexNode node, CharacterForm form) =>
        Expression.Choice([.. Ways(pattern, node, Place.Start, form).Select(way => way.Body)]);

    private static Expression Compile(RegexNode node, CharacterForm form) => node switch
    {
        RegexNode.Characters characters => new CharactersExpression(characters.Set, form),
        RegexNode.Sequence sequence => Expression.Sequence([.. sequence.Parts.Select(part => Compile(part, form))]),
        RegexNode.Choice choice => Expression.Choice([.. choice.Parts.Select(part => Compile(part, form))]),
        RegexNode.Repeat repeat => Expression.Repeat(Compile(repeat.Part, form), repeat.Least, repeat.Most),
        _ => throw new NotSupportedException($"{node}"),
    };

    // An expression with anchors is as many expressions as there are places in which it may begin and end.
    private static List<(Place After, Expression Body)> Ways(string pattern, RegexNode node, Place place, CharacterForm form)
    {
        if (!node.HasAnchor)
        {
            List<(Place After, Expression Body)> ways = node.IsNullable ? [(place, Expression.Empty)] : [];
            if (place != Place.End)
            {
                ways.Add((Place.Middle, Compile(node, form)));
            }

            return ways;
        }

        switch (node)
        {
            case RegexNode.Anchor { IsEnd: true }:
                return [(Place.End, Expression.Empty)];
            case RegexNode.Anchor:
                return place == Place.Start ? [(place, Expression.Empty)] : [];
            case RegexNode.Choice choice:
                return Merge(choice.Parts.SelectMany(part => Ways(pattern, part, place, form)));
            case RegexNode.Sequence sequence:
                List<(Place After, Expression Body)> ways = [(place, Expression.Empty)];
                foreach (RegexNode part in Grouped(sequence.Parts))
                {
                    ways = Merge(ways.SelectMany(way => Ways(pattern, part, way.After, form).Select(next => (next.After, Expression.Sequence(way.Body, next.Body)))));
                }

                return ways;
            case RegexNode.Repeat { Least: 0, Most: 1 } optional:
                return Merge([(place, Expression.Empty), .. Ways(pattern, optional.Part, place, form)]);
            default:
                throw GrammarException.UnsupportedExpression(pattern, "^ or $ inside a repetition", 0);
        }
    }

    // What has no anchor is one part.
    private static IEnumerable<RegexNode> Grouped(IReadOnlyList<RegexNode> parts)
    {
        List<RegexNode> group = [];
        foreach (RegexNode part in parts)
        {
            if (!part.HasAnchor)
            {
                group.Add(part);
                continue;
            }

            if (group.Count > 0)
            {
                yield return new RegexNode.Sequence(group);
                group = [];
            }

            yield return part;
        }

        if (group.Count > 0)
        {
            yield return new RegexNode.Sequence(group);
        }
    }

    private static List<(Place After, Expression Body)> Merge(IEnumerable<(Place After, Expression Body)> ways) =>
        [.. ways.GroupBy(way => way.After).Select(group => (group.Key, Expression.Choice([.. group.Select(way => way.Body)])))];
}
