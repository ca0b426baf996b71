using System.Diagnostics;
using Hearth.Engine.Cache;
using Hearth.Engine.Models;
using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Scheduling.Speculation;

/// <summary>A smaller model that guesses the next tokens of a larger one, on the same threads.</summary>
internal sealed class DraftModel : IDisposable
{
    private const double Weight = 0.2;
    private const int MaxCatchUp = 64;
    private readonly OpenedModel _opened;
    private readonly KvPool _pool;
    private readonly Batch _batch = new();
    private readonly List<DraftWish> _wishes = [];
    private float[] _logits = [];

    private DraftModel(OpenedModel opened, KvPool pool)
    {
        _opened = opened;
        _pool = pool;
    }

    /// <summary>About how long one token of a guess takes; 0 while that is not known.</summary>
    public double SecondsPerToken { get; private set; }

    /// <summary>Loads a draft model.</summary>
    /// <param name="path">A GGUF file.</param>
    /// <param name="target">The model that it guesses for.</param>
    /// <param name="tokenizer">That model's tokenizer.</param>
    /// <param name="contextLength">Tokens of context in force.</param>
    /// <param name="options">How the model is loaded.</param>
    /// <exception cref="DraftModelException">It has another vocabulary, or one of both keeps a state.</exception>
    /// <exception cref="Gguf.GgufException">The file is not there, or not a sound GGUF file.</exception>
    /// <exception cref="ModelException">The file is sound, but Hearth cannot run it.</exception>
    /// <exception cref="ContextMemoryException">Its cache needs more memory than there is.</exception>
    public static DraftModel Load(string path, OpenedModel target, Tokenizer tokenizer, int contextLength, LanguageModelOptions options)
    {
        if (target.Decoder.StateLength > 0)
        {
            throw DraftModelException.RecurrentTarget(target.Decoder.Config.Architecture);
        }

        LanguageModelOptions own = new() { CacheType = options.CacheType, Parallel = options.Parallel };
        return OpenedModel.Open(path, own, sharing: target.Device).Become(opened =>
        {
            opened.RequireGeneration();
            if (opened.Decoder.StateLength > 0)
            {
                throw DraftModelException.Recurrent(path);
            }

            CheckVocabulary(path, opened.FindTokenizer(), tokenizer);
            int context = Math.Min(contextLength, opened.Decoder.PositionCount ?? contextLength);
            return new DraftModel(opened, ContextMemory.Create(opened.Decoder, context, ContextMemory.PositionsFor(opened.Decoder.CacheLayers, context, own), options.CacheType));
        });
    }

    /// <summary>Fills the drafts of sequences with the likeliest tokens, one after the other. A sequence that the draft model has not read yet gets
    /// none.</summary>
    public void Guess(IReadOnlyList<DraftWish> wishes)
    {
        long started = Stopwatch.GetTimestamp();
        int guesses = 0;
        CatchUp(wishes);
        for (int round = 1; _batch.TokenCount > 0; round++)
        {
            Forward();
            _batch.Clear();
            for (int i = 0, row = 0; i < _wishes.Count; row++)
            {
                DraftWish wish = _wishes[i];
                if (round == 1)
                {
                    _pool.Publish(wish.State.DraftCache!, wish.Sequence.Tokens);
                }

                wish.Sequence.Draft.Add(IndexOfMaximum(_logits.AsSpan(row * Columns, Columns)));
                guesses++;
                if (round < wish.Count && _pool.TryReserve(wish.State.DraftCache!, 1))
                {
                    _batch.Add(wish.State.DraftCache!, [wish.Sequence.Draft[^1]], LogitRows.Last);
                    i++;
                }
                else
                {
                    _wishes.RemoveAt(i);
                }
            }
        }

        if (guesses > 0)
        {
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds / guesses;
            SecondsPerToken += (SecondsPerToken == 0 ? 1 : Weight) * (seconds - SecondsPerToken);
        }
    }

    /// <summary>Forgets what was stored for wrong guesses.</summary>
    /// <param name="state">The sequence's state.</param>
    /// <param name="length">Tokens that stand.</param>
    public static void Keep(SequenceSpeculation state, int length)
    {
        if (state.DraftCache is Sequence cache && cache.Length > length)
        {
            cache.Rewind(length);
        }
    }

    /// <summary>Gives the blocks of a sequence back.</summary>
    public void Release(SequenceSpeculation state)
    {
        if (state.DraftCache is Sequence cache)
        {
            _pool.Release(cache);
            state.DraftCache = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pool.Dispose();
        _opened.Dispose();
    }

    private int Columns => _opened.Decoder.Config.VocabularySize;

    private static void CheckVocabulary(string path, Tokenizer? own, Tokenizer target)
    {
        if (own is null || own.VocabularySize != target.VocabularySize)
        {
            throw DraftModelException.OtherVocabulary(path, $"it has {own?.VocabularySize ?? 0} tokens, the model has {target.VocabularySize}");
        }

        for (int token = 0; token < target.VocabularySize; token++)
        {
            if (!own.TokenBytes(token).SequenceEqual(target.TokenBytes(token)))
            {
                throw DraftModelException.OtherVocabulary(path, $"its token {token} is '{own.TokenText(token)}', the model's is '{target.TokenText(token)}'");
            }
        }
    }

    // What lacks much is read in pieces, one in each step, without a guess.
    private void CatchUp(IReadOnlyList<DraftWish> wishes)
    {
        _batch.Clear();
        _wishes.Clear();
        DraftWish? behind = null;
        foreach (DraftWish wish in wishes)
        {
            Sequence cache = wish.State.DraftCache ??= new Sequence();
            _pool.Adopt(cache, wish.Sequence.Tokens);
            int missing = wish.Sequence.Tokens.Length - cache.Length;
            if (missing > MaxCatchUp)
            {
                behind ??= wish;
            }
            else if (_batch.TokenCount + missing <= Decoder.MaxBatchTokens && _pool.TryReserve(cache, missing))
            {
                _batch.Add(cache, wish.Sequence.Tokens[cache.Length..], LogitRows.Last);
                _wishes.Add(wish);
            }
        }

        if (behind is DraftWish late)
        {
            Read(late);
        }
    }

    private void Read(DraftWish wish)
    {
        Sequence cache = wish.State.DraftCache!;
        int count = Math.Min(wish.Sequence.Tokens.Length - cache.Length - 1, Decoder.MaxBatchTokens / 4);
        if (!_pool.TryReserve(cache, count))
        {
            return;
        }

        Batch batch = new();
        batch.Add(cache, wish.Sequence.Tokens.Slice(cache.Length, count), LogitRows.None);
        _opened.Decoder.Forward(batch, _pool, []);
        _pool.Publish(cache, wish.Sequence.Tokens);
    }

    private void Forward()
    {
        int logits = _batch.OutputRowCount * Columns;
        _logits = _logits.Length >= logits ? _logits : new float[logits];
        _opened.Decoder.Forward(_batch, _pool, _logits.AsSpan(0, logits));
    }

    private static int IndexOfMaximum(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int token = 1; token < logits.Length; token++)
        {
            best = logits[token] > logits[best] ? token : best;
        }

        return best;
    }
}
