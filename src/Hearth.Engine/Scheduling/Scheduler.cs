using System.Diagnostics;
using Hearth.Engine.Adapters;
using Hearth.Engine.Cache;
using Hearth.Engine.Grammar.Masks;
using Hearth.Engine.Models;
using Hearth.Engine.Scheduling.Speculation;
using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Scheduling;

/// <summary>
/// Owns the device and the cache of one model. Each step takes the next token of every running answer and a part of the prompts that are
/// still to be read (continuous batching with chunked prefill; Yu and others, Orca, OSDI 2022; Agrawal and others, Sarathi-Serve, 2024).
/// </summary>
internal sealed class Scheduler : IDisposable
{
    // Text that a constraint forces is seldom longer; what is longer is read like a prompt.
    private const int MaxForcedTokens = 32;
    private readonly Decoder _decoder;
    private readonly KvPool _pool;
    private readonly Tokenizer _tokenizer;
    private readonly AdapterSet _adapters;
    private readonly ConstraintVocabulary _constraints;
    private readonly int _contextLength;
    private readonly RequestQueue _queue;
    private readonly AdmissionQueue _admission;
    private readonly PrefillPlanner _prefills;
    private readonly StepCosts _costs;
    private readonly StepBudget _budget;
    private readonly Speculator _speculator;
    private readonly Batch _batch = new();
    private readonly List<ScheduledSequence> _active = [];
    private readonly List<PlannedRun> _planned = [];
    private readonly SchedulerTotals _totals = new();
    private readonly Thread _thread;
    private float[] _logits;
    private SchedulerStatistics _statistics;

    public Scheduler(
        OpenedModel opened, KvPool pool, Tokenizer tokenizer, ConstraintVocabulary constraints, int contextLength, LanguageModelOptions options, StepCosts costs, Speculator speculator)
    {
        _decoder = opened.Decoder;
        _pool = pool;
        _tokenizer = tokenizer;
        _adapters = opened.Adapters;
        _constraints = constraints;
        _contextLength = contextLength;
        _costs = costs;
        _budget = new StepBudget(costs);
        _speculator = speculator;
        _queue = new RequestQueue(options.Parallel, options.MaxWaiting);
        _admission = new AdmissionQueue(pool, options.Parallel);
        _prefills = new PrefillPlanner(pool);
        _logits = new float[_decoder.Config.VocabularySize];
        _statistics = new SchedulerStatistics { CacheBlocks = pool.Storage.Blocks };
        _thread = new Thread(Run) { IsBackground = true, Name = "hearth-scheduler" };
        _thread.Start();
    }

    /// <summary>What is going on, as of the last step.</summary>
    public SchedulerStatistics Statistics => Volatile.Read(ref _statistics);

    /// <summary>Called before each step's computation, with the number of its tokens; tests make steps fail with it.</summary>
    internal Action<int>? BeforeStep { get; set; }

    /// <summary>Takes requests in, all or none.</summary>
    /// <inheritdoc cref="RequestQueue.Add" path="/exception"/>
    public void Submit(IReadOnlyList<GenerationJob> jobs) => _queue.Add(jobs);

    /// <summary>Ends the requests that run and wait, and the thread.</summary>
    public void Dispose()
    {
        _queue.Close();
        _thread.Join();
        _queue.Dispose();
    }

    private void Run()
    {
        while (!_queue.IsClosed)
        {
            Admit();
            if (_active.Count == 0)
            {
                ReportStatistics();
                _queue.Wait();
                continue;
            }

            try
            {
                Step();
            }
#pragma warning disable CA1031 // Whatever went wrong belongs to the requests of the step; the others go on.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                FailStep(exception);
            }

            ReportStatistics();
        }

        EndAll();
    }

    private void Admit()
    {
        while (_queue.TryTake(out GenerationJob? job))
        {
            _admission.Add(job);
        }

        for (int i = _active.Count - 1; i >= 0; i--)
        {
            if (_active[i].Job.EndIfOver())
            {
                Retire(_active[i]);
            }
        }

        _admission.RemoveOver(job => _queue.Finished(job, Stopwatch.GetElapsedTime(job.Submitted)));
        while (true)
        {
            if (_admission.TryNext(_active, Begin, out ScheduledSequence? sequence))
            {
                sequence.InsertInto(_active);
            }
            else if (_admission.HasUrgent && _active is [.., { IsBackground: true } last])
            {
                Preempt(last);
            }
            else
            {
                return;
            }
        }
    }

    private ScheduledSequence? Begin(GenerationJob job, long arrival)
    {
        try
        {
            // The steps of recurrent models end where their states are kept, as those of prompts do.
            int maxPending = _decoder.StateLength > 0 ? 1 : MaxForcedTokens;
            return new ScheduledSequence(job, arrival, _tokenizer, _adapters.Scales(job.Request.AdapterScales), _contextLength, _constraints, maxPending);
        }
#pragma warning disable CA1031 // A request that cannot begin is over; the others go on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            job.Writer.TryComplete(exception);
            _queue.Finished(job, TimeSpan.Zero);
            return null;
        }
    }

    private void Step()
    {
        _batch.Clear();
        _planned.Clear();
        _speculator.Propose(_active);
        int streams = 0;
        int longest = 0;
        foreach (ScheduledSequence sequence in _active)
        {
            sequence.Allotment = sequence.IsDecoding ? sequence.Pending + sequence.Draft.Count : 0;
            streams += sequence.Allotment;
            longest = Math.Max(longest, sequence.Pending);
        }

        ScheduledSequence? oldestPrompt = _prefills.Plan(_active, _budget.PromptTokens(streams, longest));
        for (int i = 0; i < _active.Count; i++)
        {
            ScheduledSequence sequence = _active[i];
            if (sequence.Allotment > 0 && Reserve(sequence, mayPreempt: sequence.IsDecoding || sequence == oldestPrompt))
            {
                Add(sequence);
            }
        }

        if (_planned.Count == 0)
        {
            return;
        }

        BeforeStep?.Invoke(_batch.TokenCount);
        long started = Stopwatch.GetTimestamp();
        int logits = _batch.OutputRowCount * _decoder.Config.VocabularySize;
        _logits = _logits.Length >= logits ? _logits : new float[logits];
        _decoder.Forward(_batch, _pool, _logits.AsSpan(0, logits));
        Observe(Stopwatch.GetElapsedTime(started));
        foreach (PlannedRun run in _planned)
        {
            Complete(run);
        }
    }

    private void Add(ScheduledSequence sequence)
    {
        int row = _batch.OutputRowCount;
        int stored = sequence.Cache.Length;
        if (sequence.IsDecoding && sequence.Draft.Count > 0)
        {
            Span<int> tokens = [.. sequence.Tokens[stored..], .. sequence.Draft];
            _batch.Add(sequence.Cache, tokens, LogitRows.All);
            row += sequence.Pending - 1;
        }
        else
        {
            bool isLast = sequence.Allotment == sequence.Pending;
            LogitRows rows = sequence.IsScoring ? LogitRows.All : isLast ? LogitRows.Last : LogitRows.None;
            _batch.Add(sequence.Cache, sequence.Tokens.Slice(stored, sequence.Allotment), rows);
        }

        _planned.Add(new PlannedRun(sequence, row, _batch.OutputRowCount - row, sequence.IsDecoding));
    }

    // The newest sequences give their blocks to older ones: they are planned last, so nothing that is planned loses its own.
    private bool Reserve(ScheduledSequence sequence, bool mayPreempt)
    {
        if (_pool.TryReserve(sequence.Cache, sequence.Allotment))
        {
            return true;
        }

        if (sequence.IsDecoding && sequence.Draft.Count > 0)
        {
            sequence.Draft.Clear();
            sequence.Allotment = sequence.Pending;
        }

        while (!_pool.TryReserve(sequence.Cache, sequence.Allotment))
        {
            ScheduledSequence newest = _active[^1];
            if (!mayPreempt || _active.Count == 1)
            {
                return _active.Count > 1 ? false : throw new InvalidOperationException("The cache is smaller than the context in force.");
            }

            Preempt(newest);
            if (newest == sequence)
            {
                return false;
            }
        }

        return true;
    }

    private void Preempt(ScheduledSequence sequence)
    {
        _active.Remove(sequence);
        _pool.Release(sequence.Cache);
        _speculator.Forget(sequence);
        _admission.Return(sequence);
        _totals.CountPreemption();
    }

    private void Observe(TimeSpan elapsed)
    {
        int answers = 0;
        foreach (PlannedRun run in _planned)
        {
            answers += run.IsAnswer ? run.Sequence.Allotment : 0;
        }

        int prompts = _batch.TokenCount - answers;
        if (prompts == 0)
        {
            _costs.Observe(answers, elapsed);
        }
        else
        {
            _budget.Observe(answers, prompts, elapsed);
        }

        _totals.CountStep(_batch.TokenCount, _planned.Count);
    }

    private void Complete(PlannedRun run)
    {
        ScheduledSequence sequence = run.Sequence;
        try
        {
            run = sequence.IsScoring ? Score(run) : run;
            if (run.Rows == 0)
            {
                _pool.Publish(sequence.Cache, sequence.Tokens);
                sequence.ReportProgress();
                return;
            }

            bool goesOn = !sequence.EndsWithPrompt && Choose(run);
            _pool.Publish(sequence.Cache, sequence.Tokens, replacesState: run.IsAnswer);
            if (!goesOn)
            {
                sequence.Finish();
                Retire(sequence);
            }
            else if (sequence.MustShift)
            {
                _pool.Release(sequence.Cache);
                _speculator.Forget(sequence);
                sequence.Shift();
            }
        }
#pragma warning disable CA1031 // A sequence that cannot go on is over; the others go on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            sequence.Job.Writer.TryComplete(exception);
            Retire(sequence);
        }
    }

    /// <summary>Hands a prompt's logits out.</summary>
    /// <returns>The run with the rows that are left to choose from: the last one, when the prompt has been read.</returns>
    private PlannedRun Score(PlannedRun run)
    {
        ScheduledSequence sequence = run.Sequence;
        int columns = _decoder.Config.VocabularySize;
        int first = sequence.Cache.Length - run.Rows;
        for (int row = 0; row < run.Rows; row++)
        {
            sequence.ScorePrompt(first + row, _logits.AsSpan((run.FirstRow + row) * columns, _tokenizer.VocabularySize));
        }

        sequence.ReportScores();
        return run with { FirstRow = run.FirstRow + run.Rows - 1, Rows = sequence.Pending == 0 ? 1 : 0 };
    }

    /// <summary>Chooses tokens as long as the guesses are right, and forgets what was stored for wrong ones.</summary>
    /// <returns>Whether the answer goes on.</returns>
    private bool Choose(PlannedRun run)
    {
        ScheduledSequence sequence = run.Sequence;
        sequence.ReportProgress();
        int stored = sequence.Tokens.Length;
        int columns = _decoder.Config.VocabularySize;
        int right = 0;
        bool goesOn;
        do
        {
            // An embedding table may have more rows than the vocabulary has tokens; those rows are padding.
            goesOn = sequence.Choose(_logits.AsSpan((run.FirstRow + right) * columns, _tokenizer.VocabularySize));
            while (right < run.Rows - 1 && stored + right < sequence.Tokens.Length && sequence.Tokens[stored + right] == sequence.Draft[right])
            {
                right++;
            }
        }
        while (goesOn && stored + right == sequence.Tokens.Length);

        sequence.Cache.Rewind(stored + right);
        if (goesOn)
        {
            Speculator.Verified(sequence, stored, right);
        }

        return goesOn;
    }

    private void FailStep(Exception exception)
    {
        _totals.CountFailure();
        foreach (ScheduledSequence sequence in _planned.Count > 0 ? [.. _planned.Select(run => run.Sequence)] : _active.ToArray())
        {
            sequence.Job.Writer.TryComplete(new StepFailedException(exception));
            Retire(sequence);
        }
    }

    private void Retire(ScheduledSequence sequence)
    {
        if (!_active.Remove(sequence))
        {
            return;
        }

        _totals.Count(sequence);
        _pool.Release(sequence.Cache);
        _speculator.Forget(sequence);
        _queue.Finished(sequence.Job, sequence.Running);
        _admission.Retry();
    }

    private void EndAll()
    {
        static void End(GenerationJob job) => job.Writer.TryComplete(new ObjectDisposedException(typeof(LanguageModel).FullName));
        foreach (ScheduledSequence sequence in _active.ToArray())
        {
            End(sequence.Job);
            Retire(sequence);
        }

        while (_queue.TryTake(out GenerationJob? job))
        {
            _admission.Add(job);
        }

        _admission.Clear(End);
        ReportStatistics();
    }

    private void ReportStatistics() => Volatile.Write(ref _statistics, _totals.ToStatistics(_active.Count, _admission.Count, _pool));

    private readonly record struct PlannedRun(ScheduledSequence Sequence, int FirstRow, int Rows, bool IsAnswer);
}
