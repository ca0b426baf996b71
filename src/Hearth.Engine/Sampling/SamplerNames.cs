namespace Hearth.Engine.Sampling;

/// <summary>The names of sampler stages in requests and on command lines, as llama.cpp spells them.</summary>
public static class SamplerNames
{
    /// <summary>The name of a stage: <c>top_k</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a stage.</exception>
    public static string ToName(SamplerKind kind) => kind switch
    {
        SamplerKind.Penalties => "penalties",
        SamplerKind.Dry => "dry",
        SamplerKind.TopNSigma => "top_n_sigma",
        SamplerKind.TopK => "top_k",
        SamplerKind.TypicalP => "typ_p",
        SamplerKind.TopP => "top_p",
        SamplerKind.MinP => "min_p",
        SamplerKind.Xtc => "xtc",
        SamplerKind.Temperature => "temperature",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a sampler."),
    };

    /// <summary>Parses a list of names. Hyphens count as underscores, and llama.cpp's short names are known.</summary>
    /// <exception cref="SamplingOptionException">There is no stage of one of these names.</exception>
    public static IReadOnlyList<SamplerKind> Parse(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return [.. names.Select(name => Find(name.Trim().Replace('-', '_')) ?? throw Unknown(name))];
    }

    /// <summary>Parses one letter per stage: <c>edskypmxt</c> is the default order.</summary>
    /// <exception cref="SamplingOptionException">There is no stage of one of these letters.</exception>
    public static IReadOnlyList<SamplerKind> ParseLetters(string letters)
    {
        ArgumentNullException.ThrowIfNull(letters);
        return [.. letters.Select(letter => Find(letter) ?? throw Unknown(letter.ToString()))];
    }

    private static SamplerKind? Find(string name) => name switch
    {
        "penalties" => SamplerKind.Penalties,
        "dry" => SamplerKind.Dry,
        "top_n_sigma" => SamplerKind.TopNSigma,
        "top_k" => SamplerKind.TopK,
        "typ_p" or "typical_p" or "typical" or "typ" => SamplerKind.TypicalP,
        "top_p" or "nucleus" => SamplerKind.TopP,
        "min_p" => SamplerKind.MinP,
        "xtc" => SamplerKind.Xtc,
        "temperature" or "temp" => SamplerKind.Temperature,
        _ => null,
    };

    private static SamplerKind? Find(char letter) => letter switch
    {
        'e' => SamplerKind.Penalties,
        'd' => SamplerKind.Dry,
        's' => SamplerKind.TopNSigma,
        'k' => SamplerKind.TopK,
        'y' => SamplerKind.TypicalP,
        'p' => SamplerKind.TopP,
        'm' => SamplerKind.MinP,
        'x' => SamplerKind.Xtc,
        't' => SamplerKind.Temperature,
        _ => null,
    };

    private static SamplingOptionException Unknown(string name) =>
        new(nameof(SamplingOptions.Samplers), name, $"a list of {string.Join(", ", SamplingOptions.DefaultSamplers.Select(ToName))}");
}
