using System.Globalization;
using System.Text.RegularExpressions;

namespace Hearth.Cli.Updates;

/// <summary>A version as semver.org 2.0.0 has it, and how two compare (section 11). What is built of it, after '+', does not count.</summary>
internal sealed partial class SemanticVersion : IComparable<SemanticVersion>
{
    private readonly int[] _core;
    private readonly string[] _prerelease;

    private SemanticVersion(int[] core, string[] prerelease)
    {
        _core = core;
        _prerelease = prerelease;
    }

    /// <summary>Reads a version, which may have a 'v' in front; null where it is none.</summary>
    public static SemanticVersion? Read(string text)
    {
        Match match = Pattern().Match(text);
        if (!match.Success)
        {
            return null;
        }

        int[] core = [.. match.Groups["core"].Captures.Select(part => int.TryParse(part.Value, CultureInfo.InvariantCulture, out int number) ? number : -1)];
        return core.Contains(-1) ? null : new SemanticVersion(core, match.Groups["prerelease"] is { Success: true } prerelease ? prerelease.Value.Split('.') : []);
    }

    /// <inheritdoc/>
    public int CompareTo(SemanticVersion? other)
    {
        if (other is null)
        {
            return 1;
        }

        int order = _core.Zip(other._core, (one, another) => one.CompareTo(another)).FirstOrDefault(result => result != 0);
        if (order != 0)
        {
            return order;
        }

        // A version without an addition comes after those with one.
        if (_prerelease.Length == 0 || other._prerelease.Length == 0)
        {
            return other._prerelease.Length.CompareTo(_prerelease.Length);
        }

        order = _prerelease.Zip(other._prerelease, Compare).FirstOrDefault(result => result != 0);
        return order != 0 ? order : _prerelease.Length.CompareTo(other._prerelease.Length);
    }

    private static int Compare(string one, string other) => (one.All(char.IsAsciiDigit), other.All(char.IsAsciiDigit)) switch
    {
        (true, true) => one.Length != other.Length ? one.Length.CompareTo(other.Length) : string.CompareOrdinal(one, other),
        (true, false) => -1,
        (false, true) => 1,
        _ => string.CompareOrdinal(one, other),
    };

    [GeneratedRegex(@"^v?(?<core>0|[1-9]\d*)\.(?<core>0|[1-9]\d*)\.(?<core>0|[1-9]\d*)(-(?<prerelease>[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*))?(\+[0-9A-Za-z.-]+)?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
