using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Grammar.Text;

namespace Hearth.Engine.Grammar.Schemas;

/// <summary>How JSON's values are written: as JSON, or in the words of a model that writes the arguments of calls in its own.</summary>
internal sealed record ValueNotation
{
    /// <summary>JSON.</summary>
    public static ValueNotation Json { get; } = new();

    /// <summary>How null, true and false are written.</summary>
    public (string Null, string True, string False) Words { get; init; } = ("null", "true", "false");

    /// <summary>How the characters of strings are written.</summary>
    public CharacterForm Characters { get; init; } = CharacterForm.Json;

    /// <summary>What is on both sides of a string.</summary>
    public Expression Quote { get; init; } = Expression.Literal("\"");

    /// <summary>Whether names of properties are written without quotes.</summary>
    public bool HasBareNames { get; init; }

    /// <summary>How many of <see cref="JsonStyle"/>'s ways to put white space may be used.</summary>
    public int Styles { get; init; } = int.MaxValue;

    /// <summary>Texts that no string may have, because they would end what it is part of.</summary>
    public IReadOnlyList<string> Excluded { get; init; } = [];

    /// <summary>Whether it is JSON, and nothing is excluded.</summary>
    public bool IsJson => ReferenceEquals(this, Json);
}
