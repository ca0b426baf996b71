using System.Diagnostics;
using System.Runtime.InteropServices;
using Hearth.Engine.Cache;
using Hearth.Engine.Grammar.Masks;
using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling.Speculation;
using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Scheduling;

/// <summary>A request that runs: its tokens, how far they are stored, and what becomes of the next one.</summary>
internal sealed class ScheduledSequence
{
    private const int MaxContextsWithoutLimit = 10;
    private readonly GenerationJob _job;
    private readonly List<int> _tokens;
    private readonly Sampler _sampler;
    private readonly GenerationOutput _output;
    private readonly ConstrainedText? _constrained;
    private readonly ReasoningLimit? _reasoning;
    private readonly Tokenizer _tokenizer;
    private readonly int _contextLength;
    private readonly int _limit;
    private readonly int _maxPending;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly List<TokenProbability> _scores = [];
    private int _known;
    private int _scored = 1;
    private long _firstToken;

    /// <param name="job">The request.</param>
    /// <param name="arrival">Its place in the order of requests.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="adapterScales">The scales of adapters.</param>
    /// <param name="contextLength">Tokens of context in force.</param>
    /// <param name="constraints">The model's vocabulary under constraints.</param>
    /// <param name="maxPending">Tokens of an answer that may follow each other without a choice and still be computed in one step.</param>
    public ScheduledSequence(
        GenerationJob job, long arrival, Tokenizer tokenizer, IReadOnlyList<float> adapterScales, int contextLength, ConstraintVocabulary constraints, int maxPending)
    {
        GenerationRequest request = job.Request;
        _job = job;
        _tokenizer = tokenizer;
        _contextLength = contextLength;
        _tokens = PromptCut.Apply(request, contextLength);
        Arrival = arrival;
        PromptLength = _tokens.Count;
        _limit = request.MaxTokens ?? (request.ContextShift ? (int)Math.Min(int.MaxValue, (long)contextLength * MaxContextsWithoutLimit) : int.MaxValue);
        _limit = request.ContextShift ? _limit : Math.Min(_limit, contextLength - PromptLength);
        Cache = new Sequence { AdapterScales = adapterScales };
        Cache.Expect(Math.Min(contextLength, (int)Math.Min(int.MaxValue, (long)PromptLength + _limit)));
        _output = new GenerationOutput(request, tokenizer, job.Writer);
        _maxPending = maxPending;
        _constrained = request.Constraint is null ? null : new ConstrainedText(constraints, request.Constraint, request.Preamble);
        _reasoning = request.ReasoningBudget is null ? null : new ReasoningLimit(request.ReasoningBudget, tokenizer);
        _sampler = SamplerFactory.Create(request.Sampling, tokenizer);
        foreach (int token in _tokens)
        {
            _sampler.Accept(token);
        }
    }

    public GenerationJob Job => _job;

    /// <summary>Its place in the order of requests.</summary>
    public long Arrival { get; }

    /// <summary>Whether others go first.</summary>
    public bool IsBackground => _job.Request.IsBackground;

    /// <summary>Whether log-probabilities of its prompt are wanted that it does not have yet.</summary>
    public bool IsScoring => _job.Request.PromptLogProbabilities is not null && _scored < PromptLength;

    /// <summary>Whether it may go on from what others have stored; what is found there has no logits.</summary>
    public bool MayAdopt => !IsScoring;

    /// <summary>Whether nothing is to be made.</summary>
    public bool EndsWithPrompt => _limit == 0;

    /// <summary>The keys and values that are stored.</summary>
    public Sequence Cache { get; }

    /// <summary>Tokens of the prompt.</summary>
    public int PromptLength { get; }

    /// <summary>The prompt and what was made so far; valid until that grows.</summary>
    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    /// <summary>Tokens that are not stored yet.</summary>
    public int Pending => _tokens.Count - Cache.Length;

    /// <summary>Whether the answer has begun and its last token is all that is not stored, or with it a few that had to follow.</summary>
    public bool IsDecoding => _firstToken != 0 && Pending <= _maxPending;

    /// <summary>Tokens of the answer that may still be made.</summary>
    public int Remaining => Math.Min(_limit - _output.CompletionTokens, _contextLength - _tokens.Count);

    /// <summary>How long it has run.</summary>
    public TimeSpan Running => Stopwatch.GetElapsedTime(_started);

    /// <summary>How long reading the prompt took, or has taken so far.</summary>
    public TimeSpan PromptTime => _firstToken == 0 ? Running : Stopwatch.GetElapsedTime(_started, _firstToken);

    /// <summary>How long the answer has been made.</summary>
    public TimeSpan CompletionTime => _firstToken == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_firstToken);

    /// <summary>Tokens made.</summary>
    public int CompletionTokens => _output.CompletionTokens;

    /// <summary>Tokens of the prompt that were found in the cache.</summary>
    public int CachedTokens { get; private set; }

    /// <summary>Tokens to compute in the step that is planned.</summary>
    public int Allotment { get; set; }

    /// <summary>Tokens guessed ahead for the next step.</summary>
    public List<int> Draft { get; } = [];

    /// <summary>What guesses ahead for this sequence remember, or null.</summary>
    public SequenceSpeculation? Speculation { get; set; }

    /// <summary>Tokens that were guessed ahead.</summary>
    public int DraftTokens { get; set; }

    /// <summary>Guesses that were right.</summary>
    public int AcceptedTokens { get; set; }

    /// <summary>Puts the sequence among others that are in the order of requests, those in the background last.</summary>
    public void InsertInto(List<ScheduledSequence> others)
    {
        int place = others.FindIndex(other => other.IsBackground == IsBackground ? other.Arrival > Arrival : other.IsBackground);
        others.Insert(place < 0 ? others.Count : place, this);
    }

    /// <summary>Notes that tokens were found in the cache.</summary>
    public void NoteAdopted(int tokens)
    {
        if (_firstToken == 0 && Cache.Length > _known)
        {
            CachedTokens += Math.Min(tokens, Cache.Length - _known);
            _known = Cache.Length;
        }
    }

    /// <summary>Reports how much of the prompt has been read.</summary>
    public void ReportProgress()
    {
        if (_firstToken == 0 && Cache.Length > _known)
        {
            _known = Cache.Length;
            _job.Writer.TryWrite(new PromptProgress(_known, PromptLength));
        }
    }

    /// <summary>Takes the logits behind a token of the prompt, which tell the log-probability of the next one.</summary>
    public void ScorePrompt(int position, ReadOnlySpan<float> logits)
    {
        // After a preemption the beginning is read again.
        if (position + 1 == _scored && _scored < PromptLength)
        {
            _scores.Add(Describe(logits, _tokens[_scored], _job.Request.PromptLogProbabilities!.Value));
            _scored++;
        }
    }

    /// <summary>Writes the log-probabilities of the prompt that are new.</summary>
    public void ReportScores()
    {
        if (_scores.Count > 0)
        {
            _job.Writer.TryWrite(new PromptScored([.. _scores]));
            _scores.Clear();
        }
    }

    /// <summary>Chooses the next token from a row of logits, and adds it with those that must follow it.</summary>
    /// <returns>Whether the answer goes on.</returns>
    /// <exception cref="Grammar.GrammarException">The constraint is too ambiguous here, or the vocabulary has no token for it.</exception>
    public bool Choose(ReadOnlySpan<float> logits)
    {
        if (_firstToken == 0)
        {
            _firstToken = Stopwatch.GetTimestamp();
        }

        int? forced = Forced;
        int token = forced ?? _constrained?.Choose(_sampler, logits) ?? _sampler.Sample(logits);
        bool goesOn = Take(token, _job.Request.TopLogProbabilities is int count ? Describe(logits, token, count, isForced: forced is not null) : null);

        // The log-probability of a token needs its own row of logits.
        while (goesOn && !MustShift && _job.Request.TopLogProbabilities is null && Forced is int next)
        {
            goesOn = Take(next, logProbability: null);
        }

        return goesOn;
    }

    /// <summary>Drops guesses that the request's constraint does not allow.</summary>
    public void LimitDraft()
    {
        if (_constrained is not null && Draft.Count > 0)
        {
            int allowed = _constrained.CountAllowed(Draft);
            Draft.RemoveRange(allowed, Draft.Count - allowed);
        }
    }

    /// <summary>Whether the context is full and the request wants to go on.</summary>
    public bool MustShift => _job.Request.ContextShift && _tokens.Count >= _contextLength;

    /// <summary>Drops the older half of the tokens behind those to keep. Nothing may be stored.</summary>
    public void Shift()
    {
        int keep = Math.Min(_job.Request.KeepTokens, _contextLength - 2);
        _tokens.RemoveRange(keep, (_tokens.Count - keep + 1) / 2);
        Speculation = null;
    }

    /// <summary>Writes the end of the answer.</summary>
    public void Finish()
    {
        _firstToken = _firstToken == 0 ? Stopwatch.GetTimestamp() : _firstToken;
        GenerationUsage usage = new(PromptLength, _output.CompletionTokens, CachedTokens, DraftTokens, AcceptedTokens);
        _output.Finish(usage, new GenerationTimings(
            Stopwatch.GetElapsedTime(_started, _firstToken), Stopwatch.GetElapsedTime(_firstToken), Stopwatch.GetElapsedTime(_job.Submitted, _started)));
        _job.Writer.TryComplete();
    }

    // Where a constraint has a preamble, reasoning is over when its text begins; otherwise reasoning is part of the text, and ends as the text may go on.
    private int? Forced => _constrained is not { HasBegun: true } ? _reasoning?.Forced
        : _constrained.Forced ?? (_job.Request.Preamble is null && _reasoning?.Forced is int end && _constrained.CountAllowed([end]) == 1 ? end : null);

    private bool Take(int token, TokenProbability? logProbability)
    {
        _sampler.Accept(token);
        if (_output.Add(token, logProbability))
        {
            return false;
        }

        _reasoning?.Accept(token);
        _constrained?.Accept(token);
        if (_constrained is { IsComplete: true })
        {
            _output.Complete();
            return false;
        }

        if (_output.CompletionTokens >= _limit)
        {
            return false;
        }

        _tokens.Add(token);
        return true;
    }

    private TokenProbability Describe(ReadOnlySpan<float> logits, int token, int count) => Describe(TopLogProbabilities.Compute(logits, token, count));

    private TokenProbability Describe(ReadOnlySpan<float> logits, int token, int count, bool isForced) =>
        !_job.Request.ProbabilitiesAfterSampling ? Describe(logits, token, count)
            : Describe(TopLogProbabilities.AfterSampling(isForced ? [new Candidate(token, 0, 1)] : _sampler.Remaining, logits, token, count));

    private TokenProbability Describe(TopLogProbabilities found)
    {
        TokenProbability Entry(TokenLogProbability entry) => new(entry.Token, _tokenizer.TokenBytes(entry.Token).ToArray(), entry.LogProbability, []);
        return Entry(found.Chosen) with { Top = [.. found.Top.Select(Entry)], Rank = found.Rank };
    }
}
