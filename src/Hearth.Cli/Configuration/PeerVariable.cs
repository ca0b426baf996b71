namespace Hearth.Cli.Configuration;

/// <summary>A variable of another program that means the same as a setting here.</summary>
/// <param name="Name">The variable.</param>
/// <param name="Program">Whose it is.</param>
/// <param name="Meaning">How its value is taken.</param>
/// <param name="Convert">
/// The setting's values for the variable's, which has no blanks and quotes around it; none where it leaves the choice to the program. Also gets what
/// reads other variables. A <see cref="FormatException"/> says what is wrong.
/// </param>
internal sealed record PeerVariable(string Name, string Program, string Meaning, Func<string, Func<string, string?>, IReadOnlyList<string>> Convert);
