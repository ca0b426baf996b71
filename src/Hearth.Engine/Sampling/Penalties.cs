namespace Hearth.Engine.Sampling;

/// <summary>
/// Penalties on the tokens among the last n: <c>logit &lt;= 0 ? logit * repeat : logit / repeat</c> (Keskar et al., 2019, with the sign
/// handled), then <c>logit - count * frequency - presence</c> (OpenAI).
/// </summary>
internal sealed class Penalties : SamplerStage
{
    private const int LargestFirstCapacity = 256;

    private readonly TokenHistory _history;
    private readonly int _window;
    private readonly float _repeat;
    private readonly float _frequency;
    private readonly float _presence;
    private readonly Dictionary<int, int> _counts;
    private readonly Func<float, int, float> _penalize;

    /// <param name="history">The sequence's tokens.</param>
    /// <param name="window">How many of them count; -1 = all.</param>
    /// <param name="repeat">The repetition penalty.</param>
    /// <param name="frequency">The frequency penalty.</param>
    /// <param name="presence">The presence penalty.</param>
    internal Penalties(TokenHistory history, int window, float repeat, float frequency, float presence)
    {
        _history = history;
        _window = window < 0 ? int.MaxValue : window;
        _counts = new Dictionary<int, int>(Math.Min(_window, LargestFirstCapacity));
        _repeat = repeat;
        _frequency = frequency;
        _presence = presence;
        _penalize = Penalize;
    }

    /// <summary>Counts a token. To be called before it is added to the history.</summary>
    internal void Accept(int token)
    {
        if (_history.Count >= _window)
        {
            var oldest = _history.FromEnd(_window - 1);
            var count = _counts[oldest] - 1;
            if (count == 0)
            {
                _counts.Remove(oldest);
            }
            else
            {
                _counts[oldest] = count;
            }
        }

        _counts[token] = _counts.GetValueOrDefault(token) + 1;
    }

    internal override void Apply(ref Candidates candidates) => candidates.Change(_counts, _penalize);

    private float Penalize(float logit, int count)
    {
        logit = Candidates.Finite(logit <= 0 ? logit * _repeat : logit / _repeat);
        return Candidates.Finite(logit - Candidates.Finite((count * _frequency) + _presence));
    }
}
