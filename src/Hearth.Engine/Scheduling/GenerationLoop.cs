using System.Diagnostics;
using System.Threading.Channels;
using Hearth.Engine.Adapters;
using Hearth.Engine.Cache;
using Hearth.Engine.Models;
using Hearth.Engine.Sampling;
using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Scheduling;

/// <summary>Owns the device and the cache of one model, and serves its requests one after the other.</summary>
internal sealed class GenerationLoop(Decoder decoder, KvPool pool, Tokenizer tokenizer, AdapterSet adapters, int contextLength)
{
    private readonly Batch _batch = new();
    private readonly float[] _logits = new float[decoder.Config.VocabularySize];

    /// <summary>Runs until the channel is completed.</summary>
    public void Run(ChannelReader<GenerationJob> jobs)
    {
        while (jobs.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (jobs.TryRead(out GenerationJob? job))
            {
                Run(job);
            }
        }
    }

    private void Run(GenerationJob job)
    {
        Sequence sequence = new() { AdapterScales = adapters.Scales(job.Request.AdapterScales) };
        try
        {
            Generate(job, sequence);
            job.Events.Writer.Complete();
        }
#pragma warning disable CA1031 // Whatever went wrong belongs to the request's reader; the loop serves the next request.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            job.Events.Writer.Complete(exception);
        }
        finally
        {
            pool.Release(sequence);
        }
    }

    private void Generate(GenerationJob job, Sequence sequence)
    {
        GenerationRequest request = job.Request;
        int[] prompt = [.. request.Prompt];
        Sampler sampler = SamplerFactory.Create(request.Sampling, tokenizer);
        foreach (int token in prompt)
        {
            sampler.Accept(token);
        }

        int limit = Math.Min(request.MaxTokens ?? int.MaxValue, contextLength - prompt.Length);
        sequence.Expect(prompt.Length + limit);
        long started = Stopwatch.GetTimestamp();
        Prefill(job, sequence, prompt);
        TimeSpan promptTime = Stopwatch.GetElapsedTime(started);
        started = Stopwatch.GetTimestamp();
        GenerationOutput output = new(request, tokenizer, job.Events.Writer);
        while (!output.IsFinished)
        {
            int token = sampler.Sample(Logits);
            sampler.Accept(token);
            if (!output.Add(token, Describe(token, request.TopLogProbabilities)) && output.CompletionTokens < limit)
            {
                job.CancellationToken.ThrowIfCancellationRequested();
                Step(sequence, [token], LogitRows.Last);
            }
            else
            {
                output.Finish(prompt.Length, new GenerationTimings(promptTime, Stopwatch.GetElapsedTime(started)));
            }
        }
    }

    private void Prefill(GenerationJob job, Sequence sequence, int[] prompt)
    {
        for (int first = 0; first < prompt.Length; first += Decoder.MaxBatchTokens)
        {
            job.CancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(Decoder.MaxBatchTokens, prompt.Length - first);
            bool isLast = first + count == prompt.Length;
            Step(sequence, prompt.AsSpan(first, count), isLast ? LogitRows.Last : LogitRows.None);
            job.Events.Writer.TryWrite(new PromptProgress(first + count, prompt.Length));
        }
    }

    private TokenProbability? Describe(int token, int? top)
    {
        if (top is not int count)
        {
            return null;
        }

        TopLogProbabilities found = TopLogProbabilities.Compute(Logits, token, count);
        TokenProbability Entry(TokenLogProbability entry) => new(entry.Token, tokenizer.TokenBytes(entry.Token).ToArray(), entry.LogProbability, []);
        return Entry(found.Chosen) with { Top = [.. found.Top.Select(Entry)] };
    }

    // An embedding table may have more rows than the vocabulary has tokens; those rows are padding.
    private ReadOnlySpan<float> Logits => _logits.AsSpan(0, tokenizer.VocabularySize);

    private void Step(Sequence sequence, ReadOnlySpan<int> tokens, LogitRows logits)
    {
        if (!pool.TryReserve(sequence, tokens.Length))
        {
            throw new InvalidOperationException("The cache is smaller than the context in force.");
        }

        _batch.Clear();
        _batch.Add(sequence, tokens, logits);
        decoder.Forward(_batch, pool, logits == LogitRows.None ? [] : _logits);
    }
}
