namespace Hearth.Training;

/// <summary>The <c>--name value</c> pairs of a command line.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _values = [];

    /// <summary>Reads the pairs.</summary>
    /// <exception cref="ArgumentException">A name is unknown or lacks its value.</exception>
    public Arguments(IReadOnlyList<string> arguments, params string[] known)
    {
        for (int i = 0; i < arguments.Count; i += 2)
        {
            string name = arguments[i].TrimStart('-');
            if (!known.Contains(name) || i + 1 == arguments.Count)
            {
                throw new ArgumentException($"'{arguments[i]}' is not an option with a value; known: --{string.Join(", --", known)}.");
            }

            _values[name] = arguments[i + 1];
        }
    }

    /// <summary>A text that must be given.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public string Text(string name) => _values.GetValueOrDefault(name) ?? throw new ArgumentException($"--{name} is missing.");

    /// <summary>An integer, or <paramref name="otherwise"/>.</summary>
    public int Integer(string name, int otherwise) => _values.TryGetValue(name, out string? value) ? int.Parse(value) : otherwise;

    /// <summary>True when the option is there with the value true.</summary>
    public bool Flag(string name) => _values.TryGetValue(name, out string? value) && bool.Parse(value);
}
