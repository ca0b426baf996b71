using System.IO.Enumeration;
using Hearth.Engine.Gguf;

namespace Hearth.Engine.Tests.Models.Synthesis;

/// <summary>A small model as data: its metadata, and which of the optional tensors it has.</summary>
/// <param name="Name">The name of its reference file.</param>
/// <param name="Architecture">The value of <c>general.architecture</c>.</param>
internal sealed record ModelCase(string Name, string Architecture)
{
    // Two layers of 64 elements with four query heads of 16 for two of keys and values, unless a case says otherwise.
    private static readonly (string Key, GgufValue Value)[] s_defaults =
    [
        ("vocab_size", 64),
        ("context_length", 128),
        ("embedding_length", 64),
        ("block_count", 2),
        ("feed_forward_length", 96),
        ("attention.head_count", 4),
        ("attention.head_count_kv", 2),
    ];

    // Tensors that most models do not have; the rest is there.
    private static readonly string[] s_rare =
    [
        "*.bias", "rope_f*", "*attn_qkv.weight", "*gate_up_*exps.weight", "*.scale", "*attn_sinks.weight", "cls.*", "dense_?.*",
    ];

    /// <summary>
    /// Entries of the header, in front of which the architecture's name goes unless they begin with '!'; they replace the defaults.
    /// </summary>
    public IReadOnlyList<(string Key, GgufValue Value)> Entries { get; init; } = [];

    /// <summary>Optional tensors that are there, with the wildcards * and ?.</summary>
    public IReadOnlyList<string> With { get; init; } = [];

    /// <summary>Tensors that are not there, with the wildcards * and ?; they count more than <see cref="With"/>.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    /// <summary>The first version of Hearth that ran it.</summary>
    public string Since { get; init; } = "0.1.0";

    /// <summary>Rows of tensors whose shapes files choose, by names with the wildcards * and ?.</summary>
    public IReadOnlyList<(string Name, int Rows)> Rows { get; init; } = [];

    /// <summary>Factors for the values of tensors, by names with the wildcards * and ?.</summary>
    public IReadOnlyList<(string Name, float Factor)> Factors { get; init; } = [];

    /// <summary>Larger than the tolerance of all other cases, with <see cref="Reason"/>.</summary>
    public double? Tolerance { get; init; }

    /// <summary>Why the tolerance is larger.</summary>
    public string? Reason { get; init; }

    /// <summary>The header.</summary>
    public GgufMetadata Metadata()
    {
        OrderedDictionary<string, GgufValue> values = new() { ["general.architecture"] = Architecture };
        foreach ((string key, GgufValue value) in s_defaults.Concat(Entries))
        {
            values[key.StartsWith('!') ? key[1..] : $"{Architecture}.{key}"] = Unsigned(value);
        }

        values["tokenizer.ggml.model"] = "no_vocab";
        return GgufMetadata.FromPairs(values);
    }

    /// <summary>Whether the model has a tensor that it may have.</summary>
    public bool Has(string name) => !Matches(Without, name) && (Matches(With, name) || !Matches(s_rare, name));

    /// <summary>The rows of a tensor whose shape files choose; 0 when the case does not have it.</summary>
    public int RowsOf(string name) => Has(name) ? Rows.FirstOrDefault(entry => Matches([entry.Name], name)).Rows : 0;

    /// <summary>What the values of a tensor are multiplied by.</summary>
    public float FactorOf(string name) =>
        Factors.Where(entry => Matches([entry.Name], name)).Select(entry => entry.Factor).FirstOrDefault(1);

    private static bool Matches(IEnumerable<string> patterns, string name) =>
        patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));

    // Headers hold counts without a sign.
    private static GgufValue Unsigned(GgufValue value) => (value.Type, value.ElementType) switch
    {
        (GgufValueType.I32, _) when value.TryGetInteger(out long number) && number >= 0 => (uint)number,
        (_, GgufValueType.I32) when value.TryGetIntegers(out int[]? numbers) && numbers.All(number => number >= 0) =>
            numbers.Select(number => (uint)number).ToArray(),
        _ => value,
    };
}
