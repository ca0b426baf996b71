using Hearth.Engine.Cache;
using Hearth.Engine.Devices;
using Hearth.Engine.Models.Blocks;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Models;

/// <summary>A model in the making: what blocks and families take weights, scratch, cache layers and rotary tables from.</summary>
internal sealed class ModelBuilder
{
    // A gigabyte for each sequence; the largest models that there are need a fiftieth of it.
    private const int MaxStateLength = 1 << 28;

    private readonly List<KvLayerShape> _cacheLayers = [];
    private readonly List<CacheRead> _cacheReads = [];
    private readonly List<RopeTable> _ropes = [];
    private int _stateLength;

    public ModelBuilder(WeightSource weights, ConfigReader header, ModelConfig config)
    {
        Weights = weights;
        Header = header;
        Config = config;
        Hidden = Scratch.Reserve("hidden", config.EmbeddingLength);
    }

    /// <summary>Where weights come from.</summary>
    public WeightSource Weights { get; }

    /// <summary>The header's entries, for what only one family reads.</summary>
    public ConfigReader Header { get; }

    /// <summary>What all families read from the header.</summary>
    public ModelConfig Config { get; }

    /// <summary>Activations that blocks share.</summary>
    public Scratch Scratch { get; } = new();

    /// <summary>The residual stream.</summary>
    public ScratchSlot Hidden { get; }

    /// <summary>The shapes of the cache's layers, in order.</summary>
    public IReadOnlyList<KvLayerShape> CacheLayers => _cacheLayers;

    /// <summary>Who reads the cache's layers in a step.</summary>
    public IReadOnlyList<CacheRead> CacheReads => _cacheReads;

    /// <summary>The tables of rotary angles.</summary>
    public IReadOnlyList<RopeTable> Ropes => _ropes;

    /// <summary>Elements of a sequence's recurrent state.</summary>
    public int StateLength => _stateLength;

    /// <summary>Reserves a layer of the key-value cache.</summary>
    public int AddCacheLayer(KvLayerShape shape)
    {
        _cacheLayers.Add(shape);
        return _cacheLayers.Count - 1;
    }

    /// <summary>Says that a block reads a layer of the key-value cache.</summary>
    public void AddCacheRead(in AttentionShape shape) => _cacheReads.Add(new CacheRead(shape.Layer, shape.Mask, shape.Window));

    /// <summary>Reserves recurrent state for a layer.</summary>
    /// <exception cref="ModelException">All layers together would need too much.</exception>
    public RecurrentState AddState(long length)
    {
        if (length > MaxStateLength - _stateLength)
        {
            throw ModelException.UnsupportedFeature(Config.Architecture, $"more than {MaxStateLength} elements of recurrent state");
        }

        RecurrentState state = new(_stateLength, (int)length);
        _stateLength += (int)length;
        return state;
    }

    /// <summary>Adds a table of rotary angles with the divisors that the file has for its frequencies, if any.</summary>
    /// <param name="rope">The angles.</param>
    /// <param name="useFactors">Whether the file's divisors apply.</param>
    /// <param name="factors">Divisors that the file has, of which the first are used; 0 for as many as there are pairs.</param>
    public int AddRope(RopeConfig rope, bool useFactors = true, int factors = 0)
    {
        int pairs = rope.DimensionCount / 2;
        float[] Divisors(string name) =>
            useFactors && Weights.OptionalFloats(name, Math.Max(pairs, factors)) is { Length: > 0 } values ? values[..pairs] : [];

        float[] divisors = Divisors("rope_freqs.weight");
        float[] longDivisors = Divisors("rope_factors_long.weight");
        float[] shortDivisors = Divisors("rope_factors_short.weight");
        _ropes.Add(new RopeTable(rope, divisors.Length > 0 ? divisors : shortDivisors, divisors.Length > 0 ? divisors : longDivisors));
        return _ropes.Count - 1;
    }

    /// <summary>Refuses what attention cannot be computed with.</summary>
    /// <param name="scale">The factor of the scores.</param>
    /// <param name="rope">The table of angles that heads are rotated by, or null for none.</param>
    /// <param name="length">Elements of a head that may rotate.</param>
    /// <exception cref="ModelException">The factor is not positive, or the angles are not there or too many.</exception>
    public void CheckAttention(float scale, int? rope, int length)
    {
        string architecture = Config.Architecture;
        if (!(scale > 0) || !float.IsFinite(scale))
        {
            throw ModelException.InvalidMetadata($"{architecture}.attention.scale", $"{scale}", "a positive number");
        }

        if (rope is int table && (table >= _ropes.Count || _ropes[table].Pairs == 0 || 2 * _ropes[table].Pairs > length))
        {
            int found = table < _ropes.Count ? 2 * _ropes[table].Pairs : 0;
            throw ModelException.InvalidMetadata($"{architecture}.rope.dimension_count", $"{found}", $"2 to {length}");
        }
    }

    /// <summary>A norm that must be there, with the bias that it may have.</summary>
    /// <param name="name">The tensors' name without <c>.weight</c> and <c>.bias</c>.</param>
    /// <param name="kind">Which norm.</param>
    /// <param name="length">Elements of a row.</param>
    /// <param name="groups">Weight vectors, used by rows in turn.</param>
    /// <param name="suffix">What follows the name in the weight's name.</param>
    public Normalization Norm(string name, NormKind kind, int length, int groups = 1, string suffix = ".weight")
    {
        ReadOnlySpan<int> shape = groups == 1 ? [length] : [length, groups];
        return new Normalization(kind, Weights.Vector(name + suffix, shape), Weights.OptionalVector(name + ".bias", shape), Config.NormEpsilon);
    }

    /// <summary>A norm without weights.</summary>
    public Normalization UnweightedNorm => new(NormKind.RootMeanSquare, Tensor.None, Tensor.None, Config.NormEpsilon);

    /// <summary>A norm over the residual stream, with weights that must be there or without any.</summary>
    public Normalization StreamNorm(string name, NormKind kind, bool unweighted, string suffix = ".weight") =>
        unweighted ? UnweightedNorm with { Kind = kind } : Norm(name, kind, Config.EmbeddingLength, suffix: suffix);

    /// <summary>A norm over the residual stream, or null when its weight is absent.</summary>
    public Normalization? OptionalNorm(string name, NormKind kind) => Weights.Has(name + ".weight") ? Norm(name, kind, Config.EmbeddingLength) : null;
}
