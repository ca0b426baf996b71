namespace Hearth.Engine.Scheduling.Speculation;

/// <summary>
/// Guesses tokens ahead, as many as pay: a step verifies them all, and by batch invariance the text is that of plain decoding. Guesses come
/// from repetitions of the text, else from a draft model (Leviathan and others, arXiv:2211.17192; here a guess is right when it is the token
/// that was chosen).
/// </summary>
internal sealed class Speculator(SpeculationOptions options, StepCosts costs, bool canRewind, DraftModel? draft) : IDisposable
{
    private const int MaxGuessedRows = 64;
    private const int StepsToProbe = 32;
    private const int ProbeLength = 2;
    private readonly List<DraftWish> _wishes = [];

    /// <summary>Whether anything is guessed at all.</summary>
    public bool IsActive => canRewind && options.MaxTokens > 0 && (options.PromptLookup || draft is not null);

    /// <summary>Fills <see cref="ScheduledSequence.Draft"/> of every sequence that makes an answer.</summary>
    public void Propose(IReadOnlyList<ScheduledSequence> active)
    {
        if (!IsActive)
        {
            return;
        }

        int streams = 0;
        foreach (ScheduledSequence sequence in active)
        {
            sequence.Draft.Clear();
            streams += sequence.IsDecoding ? 1 : 0;
        }

        // While prompts are read, steps are long anyway and their length says nothing about guesses.
        if (streams == 0 || streams < active.Count)
        {
            return;
        }

        Plan plan = new(costs, streams);
        _wishes.Clear();
        foreach (ScheduledSequence sequence in active)
        {
            int room = Math.Min(Math.Min(options.MaxTokens, sequence.Remaining - 1), MaxGuessedRows - plan.Tokens + streams);
            if (room > 0)
            {
                Propose(sequence, room, ref plan);
            }
        }

        if (_wishes.Count > 0)
        {
            draft!.Guess(_wishes);
        }

        foreach (ScheduledSequence sequence in active)
        {
            sequence.LimitDraft();
        }
    }

    /// <summary>Learns how many of a sequence's guesses were right, after the tokens that followed them were added.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="before">Its tokens before the guesses.</param>
    /// <param name="right">Guesses that were right.</param>
    public static void Verified(ScheduledSequence sequence, int before, int right)
    {
        if (sequence.Speculation is not SequenceSpeculation state)
        {
            return;
        }

        if (state.Guesser is GuessQuality guesser && sequence.Draft.Count > 0)
        {
            for (int i = 0; i < Math.Min(right + 1, sequence.Draft.Count); i++)
            {
                guesser.Observe(i < right);
            }
        }
        else if (state.Expected is int expected)
        {
            state.Lookup.Observe(expected == sequence.Tokens[before]);
        }

        sequence.DraftTokens += sequence.Draft.Count;
        sequence.AcceptedTokens += right;
        state.Guesser = null;
        state.Expected = null;
        DraftModel.Keep(state, before + right);
    }

    /// <summary>Gives back what is held for a sequence.</summary>
    public void Forget(ScheduledSequence sequence)
    {
        if (sequence.Speculation is SequenceSpeculation state)
        {
            draft?.Release(state);
            sequence.Speculation = null;
        }

        sequence.Draft.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => draft?.Dispose();

    private void Propose(ScheduledSequence sequence, int room, ref Plan plan)
    {
        SequenceSpeculation state = sequence.Speculation ??= new SequenceSpeculation();
        if (options.PromptLookup)
        {
            ReadOnlySpan<int> guesses = state.Ngrams.Continue(sequence.Tokens, room);
            state.Expected = guesses.IsEmpty ? null : guesses[0];
            int length = plan.Add(guesses.Length, state.Lookup.Rate, secondsPerGuess: 0);
            if (length > 0)
            {
                sequence.Draft.AddRange(guesses[..length]);
                state.Guesser = state.Lookup;
                return;
            }
        }

        if (draft is null)
        {
            return;
        }

        int wanted = plan.Add(room, state.DraftModel.Rate, options.StepCost is null ? draft.SecondsPerToken : 0);
        if (wanted == 0 && ++state.StepsWithoutDraft >= StepsToProbe)
        {
            wanted = Math.Min(room, ProbeLength);
        }

        if (wanted > 0)
        {
            state.StepsWithoutDraft = 0;
            state.Guesser = state.DraftModel;
            _wishes.Add(new DraftWish(sequence, state, wanted));
        }
    }

    /// <summary>The step as planned so far: its tokens, and how many of them will probably be of use.</summary>
    private struct Plan(StepCosts costs, int streams)
    {
        private double _useful = streams;

        public int Tokens { get; private set; } = streams;

        /// <summary>Adds as many guesses as give the most useful tokens per second.</summary>
        public int Add(int most, double rate, double secondsPerGuess)
        {
            int best = 0;
            double bestUseful = _useful;
            double bestPace = _useful / costs.Estimate(Tokens);
            double useful = _useful;
            double right = 1;
            for (int count = 1; count <= most; count++)
            {
                right *= rate;
                useful += right;
                double pace = useful / (costs.Estimate(Tokens + count) + (count * secondsPerGuess));
                if (pace > bestPace)
                {
                    (best, bestUseful, bestPace) = (count, useful, pace);
                }
            }

            Tokens += best;
            _useful = bestUseful;
            return best;
        }
    }
}
