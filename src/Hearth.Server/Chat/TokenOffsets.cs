using System.Text;
using Hearth.Engine.Scheduling;

namespace Hearth.Server.Chat;

/// <summary>Where in the text each token is whose log-probability is wanted, so that those of an answer's text are told from those of marks.</summary>
internal sealed class TokenOffsets(Func<int, bool> isShown)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly Queue<(int Start, int End, TokenProbability Token)> _tokens = new();
    private int _length;

    public void Add(IReadOnlyList<TokenProbability> tokens)
    {
        foreach (TokenProbability token in tokens)
        {
            int start = _length;
            if (isShown(token.Token))
            {
                _length += _decoder.GetChars(token.Bytes.Span, new char[token.Bytes.Length + 2], flush: false);
            }

            _tokens.Enqueue((start, _length, token));
        }
    }

    /// <summary>The tokens that begin within a part of the text; those before it are forgotten.</summary>
    public IReadOnlyList<TokenProbability> Take(int start, int end)
    {
        if (_tokens.Count == 0)
        {
            return [];
        }

        List<TokenProbability> taken = [];
        while (_tokens.TryPeek(out (int Start, int End, TokenProbability Token) next) && (next.Start < end || next.End <= end))
        {
            _tokens.Dequeue();
            if (next.Start >= start || next.End > start)
            {
                taken.Add(next.Token);
            }
        }

        return taken;
    }
}
