namespace Hearth.Engine.Sampling;

/// <summary>
/// DRY (p-e-w, 2024): a token that would continue a repetition of n tokens loses <c>multiplier * base ^ (n - allowed)</c>. A repetition
/// is an earlier occurrence of the sequence's last n tokens; it does not reach over a sequence breaker.
/// </summary>
internal sealed class Dry : SamplerStage
{
    // ln(float.MaxValue): the penalty's exponent stops where the power would leave the range of a float.
    private const double LargestExponent = 88.7228391;

    private readonly TokenHistory _history;
    private readonly int _window;
    private readonly int _allowedLength;
    private readonly DryBreakers _breakers;
    private readonly Dictionary<int, int> _repeats = [];
    private readonly Func<float, int, float> _penalize;
    private int[] _tokens = [];
    private int[] _matches = [];

    /// <param name="history">The sequence's tokens.</param>
    /// <param name="options">DRY's options.</param>
    /// <param name="breakers">Where repetitions are cut.</param>
    internal Dry(TokenHistory history, SamplingOptions options, DryBreakers breakers)
    {
        _history = history;
        _window = options.DryPenaltyLastN < 0 ? int.MaxValue : options.DryPenaltyLastN;
        _allowedLength = options.DryAllowedLength;
        _breakers = breakers;
        double multiplier = options.DryMultiplier;
        double powerBase = options.DryBase;
        var maximum = powerBase > 1.000001 ? (int)Math.Min(LargestExponent / Math.Log(powerBase), int.MaxValue) : int.MaxValue;
        _penalize = (logit, repeat) =>
            Candidates.Finite(logit - (float)(multiplier * Math.Pow(powerBase, Math.Min(repeat - _allowedLength, maximum))));
    }

    internal override void Apply(ref Candidates candidates)
    {
        FindRepeats();
        candidates.Change(_repeats, _penalize);
    }

    /// <summary>For each token that would continue a repetition of at least the allowed length, the longest such length.</summary>
    internal IReadOnlyDictionary<int, int> FindRepeats()
    {
        _repeats.Clear();
        var count = Math.Min(_history.Count, _window);
        if (count <= _allowedLength)
        {
            return _repeats;
        }

        var tokens = LastTokensReversed(count);
        var limit = _breakers.DistanceFromEnd(tokens);
        if (limit < _allowedLength)
        {
            return _repeats;
        }

        var matches = PrefixMatches(tokens);
        for (var i = 1; i < count; i++)
        {
            var length = Math.Min(matches[i], limit);
            var continuation = tokens[i - 1];
            if (length >= _allowedLength && !_breakers.IsBreaker(continuation))
            {
                _repeats[continuation] = Math.Max(length, _repeats.GetValueOrDefault(continuation));
            }
        }

        return _repeats;
    }

    private ReadOnlySpan<int> LastTokensReversed(int count)
    {
        if (_tokens.Length < count)
        {
            var length = (int)Math.Min(_window, Math.Max(64L, 2L * count));
            _tokens = new int[length];
            _matches = new int[length];
        }

        for (var i = 0; i < count; i++)
        {
            _tokens[i] = _history.FromEnd(i);
        }

        return _tokens.AsSpan(0, count);
    }

    /// <summary>The Z-function (Gusfield, 1997): for each position, how many tokens from there on equal those from the start.</summary>
    private ReadOnlySpan<int> PrefixMatches(ReadOnlySpan<int> tokens)
    {
        var matches = _matches.AsSpan(0, tokens.Length);
        var start = 0;
        var end = 0;
        for (var i = 1; i < tokens.Length; i++)
        {
            var length = i < end ? Math.Min(end - i, matches[i - start]) : 0;
            while (i + length < tokens.Length && tokens[length] == tokens[i + length])
            {
                length++;
            }

            matches[i] = length;
            if (i + length > end)
            {
                (start, end) = (i, i + length);
            }
        }

        return matches;
    }
}
