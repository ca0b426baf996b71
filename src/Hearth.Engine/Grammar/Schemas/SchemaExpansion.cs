using System.Text.Json;

namespace Hearth.Engine.Grammar.Schemas;

/// <summary>Turns places of a schema, with all that they refer to, into alternatives that only say what a value is.</summary>
internal sealed class SchemaExpansion(SchemaDocument document)
{
    private readonly Dictionary<string, IReadOnlyList<SchemaShape>> _known = [];
    private readonly Dictionary<string, SchemaShape> _shapes = [];
    private readonly HashSet<SchemaLocation> _checked = [];

    /// <summary>The name of a set of places.</summary>
    public static string KeyOf(IEnumerable<SchemaLocation> locations) => string.Join(',', locations.Select(location => location.Id).Distinct().Order());

    /// <summary>The alternatives for a value that satisfies all of some places; none when there is no such value.</summary>
    /// <exception cref="GrammarException">A keyword is wrong or not supported, or there are too many combinations.</exception>
    public IReadOnlyList<SchemaShape> Expand(IReadOnlyList<SchemaLocation> locations)
    {
        string key = KeyOf(locations);
        if (!_known.TryGetValue(key, out IReadOnlyList<SchemaShape>? shapes))
        {
            Dictionary<string, SchemaShape> found = [];
            Step? steps = null;
            for (int i = locations.Count - 1; i >= 0; i--)
            {
                steps = new Step(locations[i], Parents: null, steps);
            }

            int turns = 0;
            Follow([], [], steps, found, ref turns);
            shapes = [.. found.Values];
            _known.Add(key, shapes);
        }

        return shapes;
    }

    private void Follow(HashSet<SchemaLocation> included, List<Group> groups, Step? steps, Dictionary<string, SchemaShape> found, ref int turns)
    {
        if (++turns > 2 * GrammarLimits.Combinations)
        {
            throw GrammarException.TooComplex($"more than {GrammarLimits.Combinations} combinations of alternatives in one value", "fewer");
        }

        while (steps is Step step)
        {
            steps = step.Next;
            SchemaLocation location = step.Location;
            if (location.Element.ValueKind == JsonValueKind.True)
            {
                continue;
            }

            // What leads back to itself adds no value of its own.
            if (location.Element.ValueKind == JsonValueKind.False || step.ComesFrom(location))
            {
                return;
            }

            if (included.Add(location))
            {
                Parent parents = new(location, step.Parents);
                steps = Referred(location, parents, steps);
                AddGroups(location, parents, groups);
            }
        }

        if (groups.Count == 0)
        {
            SchemaShape shape = ShapeOf(included);
            found.TryAdd(KeyOf(shape.Locations), shape);
            return;
        }

        Group group = groups[0];
        foreach (SchemaLocation option in group.Options)
        {
            Follow([.. included], [.. groups.Skip(1)], new Step(option, group.Parents, Next: null), found, ref turns);
        }
    }

    private Step? Referred(SchemaLocation location, Parent parents, Step? steps)
    {
        if (location["$ref"] is JsonElement reference)
        {
            steps = new Step(document.Resolve(location, reference), parents, steps);
        }

        foreach (SchemaLocation part in Options(location, "allOf"))
        {
            steps = new Step(part, parents, steps);
        }

        return steps;
    }

    private void AddGroups(SchemaLocation location, Parent parents, List<Group> groups)
    {
        foreach (string keyword in (ReadOnlySpan<string>)["anyOf", "oneOf"])
        {
            if (location[keyword] is null)
            {
                continue;
            }

            IReadOnlyList<SchemaLocation> options = Options(location, keyword);
            groups.Add(new Group(options, parents));
            if (keyword == "oneOf" && _checked.Add(location))
            {
                SchemaDisjointness.Check(location, options, this, document);
            }
        }
    }

    private IReadOnlyList<SchemaLocation> Options(SchemaLocation location, string keyword)
    {
        if (location[keyword] is not JsonElement list)
        {
            return [];
        }

        return list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0
            ? [.. list.EnumerateArray().Select((option, index) => document.Child(location, keyword, $"{index}", option))]
            : throw location.Bad(keyword, "is no list of schemas.");
    }

    private SchemaShape ShapeOf(HashSet<SchemaLocation> included)
    {
        string key = KeyOf(included);
        if (!_shapes.TryGetValue(key, out SchemaShape? shape))
        {
            shape = new SchemaShape([.. included]);
            _shapes.Add(key, shape);
        }

        return shape;
    }

    /// <summary>A place to go to.</summary>
    private sealed record Step(SchemaLocation Location, Parent? Parents, Step? Next)
    {
        public bool ComesFrom(SchemaLocation location)
        {
            for (Parent? parent = Parents; parent is not null; parent = parent.Next)
            {
                if (parent.Location == location)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>A place that led to another one about the same value.</summary>
    private sealed record Parent(SchemaLocation Location, Parent? Next);

    /// <summary>Alternatives of which one is to be chosen.</summary>
    private readonly record struct Group(IReadOnlyList<SchemaLocation> Options, Parent Parents);
}
