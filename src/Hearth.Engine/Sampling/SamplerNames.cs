using System.Collections.Frozen;

namespace Hearth.Engine.Sampling;

/// <summary>The names of sampler stages in requests and on command lines, as llama.cpp spells them.</summary>
public static class SamplerNames
{
    private static readonly FrozenDictionary<SamplerKind, string> s_names = new Dictionary<SamplerKind, string>
    {
        [SamplerKind.Penalties] = "penalties",
        [SamplerKind.Dry] = "dry",
        [SamplerKind.TopNSigma] = "top_n_sigma",
        [SamplerKind.TopK] = "top_k",
        [SamplerKind.TypicalP] = "typ_p",
        [SamplerKind.TopP] = "top_p",
        [SamplerKind.MinP] = "min_p",
        [SamplerKind.Xtc] = "xtc",
        [SamplerKind.Temperature] = "temperature",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, SamplerKind> s_kinds = s_names
        .Select(pair => KeyValuePair.Create(pair.Value, pair.Key))
        .Concat(
        [
            new("typical_p", SamplerKind.TypicalP),
            new("typical", SamplerKind.TypicalP),
            new("typ", SamplerKind.TypicalP),
            new("nucleus", SamplerKind.TopP),
            new("temp", SamplerKind.Temperature),
        ])
        .ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<char, SamplerKind> s_letters = new Dictionary<char, SamplerKind>
    {
        ['e'] = SamplerKind.Penalties,
        ['d'] = SamplerKind.Dry,
        ['s'] = SamplerKind.TopNSigma,
        ['k'] = SamplerKind.TopK,
        ['y'] = SamplerKind.TypicalP,
        ['p'] = SamplerKind.TopP,
        ['m'] = SamplerKind.MinP,
        ['x'] = SamplerKind.Xtc,
        ['t'] = SamplerKind.Temperature,
    }.ToFrozenDictionary();

    /// <summary>The name of a stage: <c>top_k</c>.</summary>
    public static string ToName(SamplerKind kind) => s_names[kind];

    /// <summary>Parses a list of names. Hyphens count as underscores, and llama.cpp's short names are known.</summary>
    /// <exception cref="SamplingOptionException">There is no stage of one of these names.</exception>
    public static IReadOnlyList<SamplerKind> Parse(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return [.. names.Select(name => s_kinds.TryGetValue(name.Trim().Replace('-', '_'), out var kind) ? kind : throw Unknown(name))];
    }

    /// <summary>Parses one letter per stage: <c>edskypmxt</c> is the default order.</summary>
    /// <exception cref="SamplingOptionException">There is no stage of one of these letters.</exception>
    public static IReadOnlyList<SamplerKind> ParseLetters(string letters)
    {
        ArgumentNullException.ThrowIfNull(letters);
        return [.. letters.Select(letter => s_letters.TryGetValue(letter, out var kind) ? kind : throw Unknown(letter.ToString()))];
    }

    private static SamplingOptionException Unknown(string name) =>
        new(nameof(SamplingOptions.Samplers), name, $"a list of {string.Join(", ", SamplingOptions.DefaultSamplers.Select(ToName))}");
}
