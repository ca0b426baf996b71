using System.Security.Cryptography;

namespace Hearth.Engine.Sampling;

/// <summary>
/// Chooses the tokens of one sequence. It holds the sequence's history and random state, so each sequence has its own; it is not safe for
/// use by several threads at once. The same options, seed, history and logits give the same tokens.
/// </summary>
public sealed class Sampler
{
    private readonly int _vocabularySize;
    private readonly TokenHistory _history;
    private readonly List<Penalties> _penalties = [];
    private readonly List<SamplerStage> _stages = [];
    private readonly Mirostat? _mirostat;
    private readonly Mt19937 _random;
    private readonly CandidateBuffer _buffer = new();
    private readonly bool _greedy;
    private Memory<Candidate> _remaining;

    /// <summary>Creates a sampler.</summary>
    /// <param name="options">How to choose.</param>
    /// <param name="vocabularySize">How many logits there are.</param>
    /// <param name="endOfGeneration">The tokens that end a generation, for <see cref="SamplingOptions.IgnoreEndOfGeneration"/>.</param>
    /// <param name="breakers">The options' sequence breakers; needed if DRY is on.</param>
    /// <exception cref="SamplingOptionException">An option is out of its range.</exception>
    /// <exception cref="ArgumentException">DRY is on and there are no breakers.</exception>
    public Sampler(
        SamplingOptions options,
        int vocabularySize,
        IReadOnlyCollection<int>? endOfGeneration = null,
        DryBreakers? breakers = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vocabularySize);
        options.Validate();
        _vocabularySize = vocabularySize;
        Seed = options.Seed ?? BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));
        _random = new Mt19937(Seed);
        _history = new TokenHistory(HistoryLength(options));
        AddBias(options, endOfGeneration ?? []);
        if (options.Mirostat != 0)
        {
            _stages.Add(new Temperature(options.Temperature, 0, 1));
            _mirostat = new Mirostat(options.Mirostat, vocabularySize, options.MirostatTau, options.MirostatEta);
        }
        else
        {
            _greedy = options.Temperature == 0
                && (options.DynamicTemperatureRange == 0 || !options.Samplers.Contains(SamplerKind.Temperature));
            foreach (var kind in options.Samplers)
            {
                AddStage(kind, options, breakers);
            }

            // The largest candidate stays whatever these do, so there is no need to run them right before it is taken.
            while (_greedy && _stages is [.., TopNSigma or TopK or TopP or MinP or Temperature])
            {
                _stages.RemoveAt(_stages.Count - 1);
            }
        }
    }

    /// <summary>Whether DRY is on with these options, so that a sampler needs their breakers.</summary>
    public static bool NeedsBreakers(SamplingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Mirostat == 0 && options.Samplers.Contains(SamplerKind.Dry)
            && options.DryMultiplier != 0 && options.DryPenaltyLastN != 0;
    }

    /// <summary>The seed in force: that of the options, or the one that was drawn.</summary>
    public uint Seed { get; }

    /// <summary>
    /// The candidates that were left in the last call of <see cref="Sample"/>, with the probabilities that the token was drawn with, in
    /// no particular order. Valid until the next call.
    /// </summary>
    public ReadOnlySpan<Candidate> Remaining => _remaining.Span;

    /// <summary>Adds a token to the history: one of the prompt, or the one that was sampled.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public void Accept(int token)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)token, (uint)_vocabularySize, nameof(token));
        foreach (var penalties in _penalties)
        {
            penalties.Accept(token);
        }

        _history.Add(token);
    }

    /// <summary>Chooses the next token. It is not added to the history: the caller does that with <see cref="Accept"/>.</summary>
    /// <param name="logits"><c>[vocabulary]</c>, from the model; a caller may have set entries to minus infinity. Not changed.</param>
    /// <exception cref="InvalidLogitsException">A logit is not a number or plus infinity, or every token is excluded.</exception>
    public int Sample(ReadOnlySpan<float> logits)
    {
        if (logits.Length != _vocabularySize)
        {
            throw new ArgumentException($"There are {logits.Length} logits; expected {_vocabularySize}.", nameof(logits));
        }

        _remaining = default;
        InvalidLogitsException.ThrowIfUnusable(logits);
        var candidates = new Candidates(_buffer, logits);
        foreach (var stage in _stages)
        {
            stage.Apply(ref candidates);
        }

        if (_greedy)
        {
            candidates.KeepMaximum();
        }

        if (_mirostat is null)
        {
            candidates.Exponentials();
        }
        else
        {
            _mirostat.Cut(ref candidates);
            candidates.Softmax();
        }

        var sum = Sum(candidates.Items);
        var chosen = Draw(candidates.Items, sum);
        candidates.Normalize(sum);
        _remaining = candidates.Memory;
        _mirostat?.Accept(candidates.Items[chosen].Probability);
        return candidates.Items[chosen].Token;
    }

    private static double Sum(ReadOnlySpan<Candidate> items)
    {
        double sum = 0;
        foreach (ref readonly var item in items)
        {
            sum += item.Probability;
        }

        return sum;
    }

    /// <summary>Walks the candidates in their order up to a uniform share of their sum. A single one takes no random number.</summary>
    private int Draw(ReadOnlySpan<Candidate> items, double sum)
    {
        if (items.Length == 1)
        {
            return 0;
        }

        var target = sum * _random.NextDouble();
        double running = 0;
        var last = 0;
        for (var i = 0; i < items.Length; i++)
        {
            if (items[i].Probability > 0)
            {
                running += items[i].Probability;
                last = i;
                if (running >= target)
                {
                    break;
                }
            }
        }

        return last;
    }

    private static int HistoryLength(SamplingOptions options)
    {
        var penalties = options.RepeatLastN < 0 ? int.MaxValue : options.RepeatLastN;
        var dry = options.DryMultiplier == 0 ? 0 : options.DryPenaltyLastN < 0 ? int.MaxValue : options.DryPenaltyLastN;
        return Math.Max(penalties, dry);
    }

    private void AddBias(SamplingOptions options, IReadOnlyCollection<int> endOfGeneration)
    {
        var biases = new Dictionary<int, float>(options.LogitBias ?? new Dictionary<int, float>());
        foreach (var (token, bias) in biases)
        {
            if (token >= _vocabularySize)
            {
                throw new SamplingOptionException(
                    nameof(SamplingOptions.LogitBias), $"{bias} for token {token}", $"token ids from 0 to {_vocabularySize - 1}");
            }
        }

        foreach (var token in options.IgnoreEndOfGeneration ? endOfGeneration : [])
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)token, (uint)_vocabularySize, nameof(endOfGeneration));
            biases[token] = float.NegativeInfinity;
        }

        if (biases.Count > 0)
        {
            _stages.Add(new LogitBias(biases));
        }
    }

    private void AddStage(SamplerKind kind, SamplingOptions options, DryBreakers? breakers)
    {
        SamplerStage? stage = kind switch
        {
            SamplerKind.Penalties => AddPenalties(options),
            SamplerKind.Dry when NeedsBreakers(options) => new Dry(
                _history,
                options,
                breakers ?? throw new ArgumentException("DRY is on; its sequence breakers are needed.", nameof(breakers))),
            SamplerKind.TopNSigma when options.TopNSigma > 0 => new TopNSigma(options.TopNSigma),
            SamplerKind.TopK when options.TopK > 0 => new TopK(options.TopK),
            SamplerKind.TypicalP when options.TypicalP < 1 => new Typical(options.TypicalP, options.MinKeep),
            SamplerKind.TopP when options.TopP < 1 => new TopP(options.TopP, options.MinKeep),
            SamplerKind.MinP when options.MinP > 0 => new MinP(options.MinP, options.MinKeep),
            SamplerKind.Xtc when options.XtcProbability > 0 && options.XtcThreshold <= 0.5f =>
                new Xtc(options.XtcProbability, options.XtcThreshold, options.MinKeep, Seed),
            SamplerKind.Temperature when options.Temperature != 1 || options.DynamicTemperatureRange != 0 => new Temperature(
                options.Temperature, options.DynamicTemperatureRange, options.DynamicTemperatureExponent),
            _ => null,
        };
        if (stage is not null)
        {
            _stages.Add(stage);
        }
    }

    private Penalties? AddPenalties(SamplingOptions options)
    {
        if (options.RepeatLastN == 0
            || (options.RepeatPenalty == 1 && options.FrequencyPenalty == 0 && options.PresencePenalty == 0))
        {
            return null;
        }

        var penalties = new Penalties(
            _history, options.RepeatLastN, options.RepeatPenalty, options.FrequencyPenalty, options.PresencePenalty);
        _penalties.Add(penalties);
        return penalties;
    }
}
